package org.postroad.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** Rows as a table for eyes and as JSON. */
final class Report {
    private static final Set<String> COSTS = Set.of(
            "memory peak MiB",
            "heap MiB",
            "disk octets/mail",
            "cpu us/mail",
            "sink cpu us/transaction",
            "connections opened",
            "connections at most",
            "TLS handshakes",
            "recipients/transaction");

    private Report() {}

    /** Rates beside each other, then costs, a line a system; what has parts on lines of its own. */
    static String table(List<Row> rows) {
        StringBuilder text = new StringBuilder();
        table(text, rows, name -> !COSTS.contains(name));
        table(text, rows, COSTS::contains);
        Map<String, List<String>> words = new LinkedHashMap<>();
        rows.forEach(row -> row.figures().forEach((name, value) -> {
            if (value instanceof String) {
                words.computeIfAbsent(name + ": " + value, it -> new ArrayList<>())
                        .add(row.system());
            }
        }));
        words.forEach((word, systems) -> text.append("    ")
                .append(word)
                .append(" (")
                .append(String.join(", ", systems))
                .append(")\n"));
        rows.forEach(row -> row.figures().forEach((name, value) -> parts(text, row.system() + ", " + name, value)));
        return text.toString();
    }

    private static void table(StringBuilder text, List<Row> rows, Predicate<String> wanted) {
        List<String> columns = rows.stream()
                .flatMap(row -> row.figures().entrySet().stream())
                .filter(figure -> figure.getValue() instanceof Number && wanted.test(figure.getKey()))
                .map(Map.Entry::getKey)
                .distinct()
                .toList();
        if (columns.isEmpty()) {
            return;
        }
        text.append(String.format("%-14s %-20s", "case", "system"));
        columns.forEach(column -> text.append(String.format("  %9s", column)));
        text.append('\n');
        for (Row row : rows) {
            text.append(String.format("%-14s %-20s", row.of(), row.system()));
            for (String column : columns) {
                Object value = row.figures().get(column);
                int width = Math.max(9, column.length());
                text.append("  ")
                        .append(String.format("%" + width + "s", value == null ? "-" : number((Number) value)));
            }
            text.append('\n');
        }
    }

    private static void parts(StringBuilder text, String name, Object value) {
        if (value instanceof Map<?, ?> map) {
            text.append("    ").append(name).append('\n');
            map.forEach((key, part) -> {
                if (part instanceof Number number) {
                    text.append(String.format("%14s  %s%n", number(number), key));
                } else if (isFlat((Map<?, ?>) part)) {
                    text.append(String.format("        %-32s", key));
                    ((Map<?, ?>) part)
                            .forEach((figure, number) ->
                                    text.append(String.format("  %s %s", number((Number) number), figure)));
                    text.append('\n');
                } else {
                    parts(text, name + ", " + key, part);
                }
            });
        }
    }

    /** A topic's few figures fit on one line; what a profile lists does not. */
    private static boolean isFlat(Map<?, ?> figures) {
        return figures.containsKey("batches");
    }

    private static String number(Number number) {
        double value = number.doubleValue();
        boolean whole = number instanceof Long || number instanceof Integer;
        return String.format(
                Locale.ROOT,
                whole || Math.abs(value) >= 100 ? "%,.0f" : Math.abs(value) >= 0.1 ? "%.2f" : "%.4f",
                value);
    }

    static String json(Map<String, Object> whole) {
        return value(whole, "") + "\n";
    }

    private static String value(Object value, String indent) {
        String deeper = indent + "  ";
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> deeper + quoted(entry.getKey().toString()) + ": " + value(entry.getValue(), deeper))
                    .collect(Collectors.joining(",\n", "{\n", "\n" + indent + "}"));
        }
        if (value instanceof List<?> list) {
            return list.stream()
                    .map(each -> deeper + value(each, deeper))
                    .collect(Collectors.joining(",\n", "[\n", "\n" + indent + "]"));
        }
        if (value instanceof double[] figures) {
            return DoubleStream.of(figures).mapToObj(Report::plain).collect(Collectors.joining(", ", "[", "]"));
        }
        return value instanceof Number number ? plain(number.doubleValue()) : quoted(value.toString());
    }

    private static String plain(double value) {
        return Double.isFinite(value)
                ? String.format(Locale.ROOT, "%.5f", value).replaceAll("\\.?0+$", "")
                : "null";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + '"';
    }
}
