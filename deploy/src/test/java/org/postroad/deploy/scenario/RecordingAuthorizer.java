package org.postroad.deploy.scenario;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/** Kafka's own authorizer, which also remembers what was asked of it; made by the broker, by its name. */
public final class RecordingAuthorizer extends StandardAuthorizer {
    private static final Set<Asked> ALLOWED = ConcurrentHashMap.newKeySet();
    private static final Set<Asked> DENIED = ConcurrentHashMap.newKeySet();

    /** One question: may this user do this with that? */
    record Asked(String user, AclOperation operation, ResourceType type, String name) {}

    static void forget() {
        ALLOWED.clear();
        DENIED.clear();
    }

    static Set<Asked> allowed() {
        return Set.copyOf(ALLOWED);
    }

    static Set<Asked> denied() {
        return Set.copyOf(DENIED);
    }

    /** What is not to be logged is a question in passing: what of many a user may see, or what it might do if it wanted to. */
    @Override
    public List<AuthorizationResult> authorize(AuthorizableRequestContext context, List<Action> actions) {
        List<AuthorizationResult> results = super.authorize(context, actions);
        for (int i = 0; i < actions.size(); i++) {
            Action action = actions.get(i);
            boolean allowed = results.get(i) == AuthorizationResult.ALLOWED;
            if (allowed ? action.logIfAllowed() : action.logIfDenied()) {
                (allowed ? ALLOWED : DENIED)
                        .add(new Asked(
                                context.principal().getName(),
                                action.operation(),
                                action.resourcePattern().resourceType(),
                                action.resourcePattern().name()));
            }
        }
        return results;
    }
}
