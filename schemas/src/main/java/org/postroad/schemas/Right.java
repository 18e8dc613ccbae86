package org.postroad.schemas;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * One operation that Kafka has to allow, on the resources that a pattern names.
 *
 * @param optional without it a part is left out, which is said, and all else works
 */
public record Right(AclOperation operation, ResourcePattern on, boolean optional) {

    static Right literal(AclOperation operation, ResourceType type, String name) {
        return new Right(operation, new ResourcePattern(type, name, PatternType.LITERAL), false);
    }

    static Right prefixed(AclOperation operation, ResourceType type, String prefix) {
        return new Right(operation, new ResourcePattern(type, prefix, PatternType.PREFIXED), false);
    }

    /** One that is granted or not, and the part that needs it is left out. */
    static Right optional(AclOperation operation, ResourceType type, String name) {
        return new Right(operation, new ResourcePattern(type, name, PatternType.LITERAL), true);
    }

    static Right describeBrokers() {
        return ofCluster(AclOperation.DESCRIBE_CONFIGS);
    }

    /** One on the whole cluster is never needed. */
    static Right ofCluster(AclOperation operation) {
        return new Right(
                operation, new ResourcePattern(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL), true);
    }

    /** Whether it speaks of this resource. */
    public boolean covers(ResourceType type, String name) {
        return type == on.resourceType()
                && (on.patternType() == PatternType.PREFIXED ? name.startsWith(on.name()) : name.equals(on.name()));
    }

    /** "Write on topic postroad.inbound", "Describe on topics postroad.*". */
    public String text() {
        if (on.resourceType() == ResourceType.CLUSTER) {
            return operationText() + " on the cluster";
        }
        return on.patternType() == PatternType.PREFIXED
                ? operationText() + " on " + typeText() + "s " + on.name() + "*"
                : text(on.name());
    }

    /** The same of one resource that it covers. */
    String text(String name) {
        return operationText() + " on " + typeText() + " " + name;
    }

    /** "DescribeConfigs", as Kafka's own tools have it. */
    public String operationText() {
        return Arrays.stream(operation.name().split("_", -1))
                .map(word -> word.charAt(0) + Ascii.lower(word.substring(1)))
                .collect(Collectors.joining());
    }

    private String typeText() {
        return Ascii.lower(on.resourceType().name()).replace('_', ' ');
    }
}
