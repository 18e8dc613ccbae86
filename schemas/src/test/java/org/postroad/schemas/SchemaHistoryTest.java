package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaValidator;
import org.apache.avro.SchemaValidatorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postroad.testkit.NewerNode;

/**
 * Mail waits in topics for days, so every schema reads every other. A changed schema is released by adding it to
 * {@code src/main/resources/schemas/history} under the next number.
 */
class SchemaHistoryTest {
    static List<Schema> roots() {
        return KnownSchemas.ROOTS;
    }

    @ParameterizedTest
    @MethodSource("roots")
    void everyVersionReadsEveryOther(Schema current) throws Exception {
        List<Schema> newestFirst = new ArrayList<>(KnownSchemas.history(current.getName()));
        Collections.reverse(newestFirst);
        SchemaValidator fullTransitive =
                new SchemaValidatorBuilder().mutualReadStrategy().validateAll();
        fullTransitive.validate(current, newestFirst);
    }

    @ParameterizedTest
    @MethodSource("roots")
    void theCurrentSchemaIsTheNewestReleased(Schema current) {
        List<Schema> history = KnownSchemas.history(current.getName());
        assertThat(history).isNotEmpty();
        assertThat(KnownSchemas.fingerprint(history.get(history.size() - 1)))
                .as(
                        "release %s: add it as history/%s/%d.avsc",
                        current.getName(), current.getName(), history.size() + 1)
                .isEqualTo(KnownSchemas.fingerprint(current));
    }

    @ParameterizedTest
    @MethodSource("roots")
    void aSchemaThatGrowsByTheRulesReadsEveryOtherAndIsRead(Schema current) throws Exception {
        List<Schema> all = new ArrayList<>(KnownSchemas.history(current.getName()));
        all.add(current);
        new SchemaValidatorBuilder().mutualReadStrategy().validateAll().validate(new NewerNode(current).schema(), all);
    }

    @Test
    void everyEnumHasASymbolForWhatNewerNodesWrite() {
        List<Schema> enums = new ArrayList<>();
        roots().forEach(root -> collectEnums(root, enums));
        assertThat(enums).hasSizeGreaterThan(6).allSatisfy(each -> assertThat(each.getEnumDefault())
                .as(each.getName())
                .isEqualTo("UNKNOWN"));
    }

    private static void collectEnums(Schema schema, List<Schema> enums) {
        switch (schema.getType()) {
            case ENUM -> enums.add(schema);
            case RECORD -> schema.getFields().forEach(field -> collectEnums(field.schema(), enums));
            case ARRAY -> collectEnums(schema.getElementType(), enums);
            case UNION -> schema.getTypes().forEach(type -> collectEnums(type, enums));
            default -> {}
        }
    }
}
