package org.postroad.ingress;

import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.auth.Mechanism;
import org.postroad.schemas.Reply;

/** AUTH in a session (RFC 4954): who may log in when, and what comes of it. */
final class SessionLogin {
    private final SessionDialog dialog;
    private final Logins logins;
    private final SessionCounts counts;
    private final ListenerMetrics metrics;
    private final Progress progress;

    SessionLogin(
            SessionDialog dialog, Logins logins, SessionCounts counts, ListenerMetrics metrics, Progress progress) {
        this.dialog = dialog;
        this.logins = logins;
        this.counts = counts;
        this.metrics = metrics;
        this.progress = progress;
    }

    void onAuth(Command.Auth auth) {
        Admission client = dialog.client();
        Mechanism mechanism = logins.mechanism(auth.mechanism(), client);
        if (client.user() != null) {
            dialog.refuse(Replies.LOGGED_IN_ALREADY);
        } else if (!(dialog.state() instanceof SessionState.Greeted greeted)) {
            dialog.refuse(dialog.state() instanceof SessionState.Fresh ? Replies.SAY_HELLO : Replies.NESTED_MAIL);
        } else if (client.listener().auth() == Auth.NONE) {
            dialog.refuse(Replies.NO_LOGIN_HERE);
        } else if (!client.mayLogIn()) {
            dialog.refuse(Replies.TLS_NEEDED);
        } else if (mechanism == null) {
            dialog.refuse(Replies.UNKNOWN_MECHANISM);
        } else {
            LoginExchange exchange =
                    new LoginExchange(logins, client, mechanism, dialog.moves(), progress, this::ended);
            dialog.to(new SessionState.LoggingIn(greeted.origin(), exchange));
            exchange.begin(auth.initial());
        }
    }

    /** What hears the lines of AUTH. */
    LoginExchange exchange() {
        if (dialog.state() instanceof SessionState.LoggingIn login) {
            return login.exchange();
        }
        throw new IllegalStateException("a line of AUTH in " + dialog.state());
    }

    /** Nobody is logged in any more. */
    void forget() {
        String user = dialog.client().user();
        if (user != null) {
            counts.logOut(user);
            dialog.becomes(dialog.client().loggedOut());
        }
    }

    private void ended(Reply checked) {
        if (!(dialog.state() instanceof SessionState.LoggingIn login)) {
            metrics.loginAnswered(checked);
            return; // the client has gone
        }
        boolean crowded = checked.isPositive()
                && !counts.logIn(dialog.client().listener(), login.exchange().user());
        Reply reply = crowded ? Replies.USER_CROWDED : checked;
        metrics.loginAnswered(reply);
        Origin origin = login.origin();
        dialog.moves().add(Move.Step.TAKE_COMMANDS);
        if (reply.isPositive()) {
            Admission client = dialog.client().loggedIn(login.exchange().user());
            dialog.becomes(client);
            dialog.to(new SessionState.Greeted(new Origin(client, origin.greeting(), origin.extended())));
            dialog.say(reply);
        } else if (crowded || reply.equals(Replies.LOGIN_BARRED)) {
            dialog.end(reply);
        } else {
            dialog.to(new SessionState.Greeted(origin));
            dialog.sayUnlessJunk(reply, reply.isPermanent() ? Junk.FAILED_LOGIN : Junk.OURS);
        }
    }
}
