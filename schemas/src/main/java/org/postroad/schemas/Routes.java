package org.postroad.schemas;

import java.util.List;

/** Routes of this version: none of them requires anything of who follows it. */
public final class Routes {
    private Routes() {}

    /** To mail exchangers that DNS named, or an address literal. */
    public static Route mx(List<Exchanger> exchangers) {
        return new Route(RouteKind.MX, exchangers, "", null);
    }

    /** To hosts that the operator named. */
    public static Route configured(List<Exchanger> hosts) {
        return new Route(RouteKind.CONFIGURED, hosts, "", null);
    }

    /**
     * To nowhere.
     *
     * @param words why; as much of them travels as a record has room for
     */
    public static Route nowhere(RouteKind kind, String words) {
        return new Route(kind, List.of(), Caps.cut(words, Caps.REPLY_TEXT_OCTETS), null);
    }
}
