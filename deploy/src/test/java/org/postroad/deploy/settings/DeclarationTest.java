package org.postroad.deploy.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One declaration is all that a key needs: what is read, checked, shown and documented follows from it. */
class DeclarationTest {
    private static final ValueForm<Integer> LEGS = new ValueForm<Integer>("a number", DeclarationTest::number, n -> n)
            .where(legs -> legs % 2 == 0, "an even number");

    /** What a role is told. */
    private record Stable(int legs, List<Horse> horses, Map<String, String> tack) {}

    /** A row of it. */
    private record Horse(String name, int legs) {}

    private static Stable declare(Section all) {
        Section stable = all.section("stable");
        int legs = stable.key("legs", LEGS, "4", "of a horse");
        List<Horse> horses = stable.key(
                "horses", new RowsForm<>(row -> horse(row, legs)), Default.of("[]", "[{name: Ajax}]"), "the `horses`");
        Map<String, String> tack = stable.key("tack", new PropertiesForm("whip"::equals), "{}", "what they carry");
        return new Stable(legs, horses, tack);
    }

    private static Horse horse(Section row, int legs) {
        return new Horse(
                row.key(
                        "name",
                        ValueForm.text("a name", n -> !n.contains(" "), "one word"),
                        Default.none("Ajax"),
                        "its name"),
                row.key("legs", LEGS, Default.derived(() -> legs + "", "`stable.legs`", "6"), "if it is special"));
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,4}")) {
            throw new IllegalArgumentException("a number of legs");
        }
        return Integer.parseInt(text);
    }

    private static Reading reading(String yaml, String... environment) {
        return Reading.ofText(
                yaml, "s.yaml", environment.length == 0 ? Map.of() : Map.of(environment[0], environment[1]));
    }

    private static Stable read(String yaml, String... environment) {
        Reading reading = reading(yaml, environment);
        Stable stable = declare(reading.root());
        reading.close();
        return stable;
    }

    @Test
    void itIsRead() {
        assertThat(read("")).isEqualTo(new Stable(4, List.of(), Map.of()));
        assertThat(read("stable: {legs: 8, horses: [{name: a}, {name: b, legs: 2}], tack: {x.y: 010}}"))
                .isEqualTo(new Stable(8, List.of(new Horse("a", 8), new Horse("b", 2)), Map.of("x.y", "010")));
    }

    @Test
    void theEnvironmentIsLaidOverIt() {
        assertThat(read("stable: {legs: 8}", "POSTROAD_STABLE_LEGS", "2").legs())
                .isEqualTo(2);
        assertThat(read("stable: {horses: [{name: a}]}", "POSTROAD_STABLE_HORSES_0__LEGS", "2")
                        .horses())
                .containsExactly(new Horse("a", 2));
        assertThat(read("stable: {horses: [{name: a}]}", "POSTROAD_STABLE_HORSES_1__NAME", "b")
                        .horses())
                .containsExactly(new Horse("a", 4), new Horse("b", 4));
        assertThat(read("", "POSTROAD_STABLE_TACK__SADDLE_GIRTH_", "wide").tack())
                .containsExactly(Map.entry("saddle.girth", "wide"));
    }

    @Test
    void allThatIsWrongIsToldInTheOrderOfTheFile() {
        assertThatThrownBy(() -> read("""
                        stable:
                          colour: brown
                          horses:
                            - legs: some
                            - {name: a b, legz: 4}
                          legs: 3
                          legs: 4
                        """, "POSTROAD_STABLE_LEG", "1"))
                .isInstanceOfSatisfying(ConfigurationException.class, e -> assertThat(e.faults())
                        .containsExactly(
                                "s.yaml, line 2: stable.colour: no such key; 'postroad config show' prints all there are",
                                "s.yaml, line 4: stable.horses[0].name: missing, and it has no default",
                                "s.yaml, line 4: stable.horses[0].legs: some is not a number of legs",
                                "s.yaml, line 5: stable.horses[1].name: a b is not one word",
                                "s.yaml, line 5: stable.horses[1].legz: no such key;"
                                        + " did you mean stable.horses[1].legs?",
                                "s.yaml, line 7: found duplicate key stable.legs",
                                "POSTROAD_STABLE_LEG in the environment: no such key; did you mean"
                                        + " POSTROAD_STABLE_LEGS?"));
    }

    @Test
    void itIsShownWithWhoDecidedIt() {
        Reading reading = reading(
                "stable: {horses: [{name: '*a'}], tack: {whip: w, rein: \"a\\nb\"}}", "POSTROAD_STABLE_LEGS", "2");
        declare(reading.root());
        assertThat(ShownYaml.of(reading.root().shown()).replaceAll(" +#", " #")).isEqualTo("""
                stable:
                  legs: 2 # environment
                  horses:
                    - name: '*a' # file
                      legs: 2 # default
                  tack:
                    rein: "a\\nb" # file
                    whip: (hidden) # file
                """);
    }

    @Test
    void itIsInTheTable() {
        Reading described = Reading.describing();
        declare(described.root());
        assertThat(KeyTable.of(described))
                .containsExactly(
                        "| key | may be | default | meaning |",
                        "|---|---|---|---|",
                        "| `stable.legs` | a number, an even number | `4` | of a horse |",
                        "| `stable.horses` | a list of sections | `[]` | the `horses` |",
                        "| `stable.horses[].name` | a name | none | its name |",
                        "| `stable.horses[].legs` | a number, an even number | `stable.legs` | if it is special |",
                        "| `stable.tack` | a section of names and texts | `{}` | what they carry |");
    }

    @Test
    void itIsInTheDefaultFile() {
        Reading described = Reading.describing();
        declare(described.root());
        assertThat(String.join("\n", DefaultFile.of(described))).endsWith("""

                stable:
                  # Of a horse (a number, an even number).
                  #legs: 4
                  # The horses (a list of sections; by default []). For example:
                  #horses:
                    # Its name (a name; needed). For example:
                    #- name: Ajax
                    # If it is special (a number, an even number; by default stable.legs). For example:
                      #legs: 6
                  # What they carry (a section of names and texts).
                  #tack: {}""");
    }

    @Test
    void aDefaultThatDoesNotFitIsFoundAtOnce() {
        assertThatThrownBy(() -> reading("").root().key("legs", LEGS, "3", ""))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aDefaultThatTheMachineMakesIsTold() {
        Reading reading = reading("");
        assertThat(reading.root().key("legs", LEGS, Default.derived(() -> "3", "the machine's", "4"), ""))
                .isEqualTo(4);
        assertThatThrownBy(reading::close).hasMessage("default: legs: 3 is not an even number");
    }
}
