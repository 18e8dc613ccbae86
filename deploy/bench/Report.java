import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** Rows as a table for eyes and as JSON. */
final class Report {
    private Report() {}

    /** Scalars side by side, one line a system; what has parts on lines of its own. */
    static String table(List<Row> rows) {
        List<String> columns = rows.stream()
                .flatMap(row -> row.figures().entrySet().stream())
                .filter(figure -> figure.getValue() instanceof Number)
                .map(Map.Entry::getKey)
                .distinct()
                .toList();
        StringBuilder text = new StringBuilder(String.format("%-14s %-20s", "case", "system"));
        columns.forEach(column -> text.append("  ").append(column));
        text.append('\n');
        for (Row row : rows) {
            text.append(String.format("%-14s %-20s", row.of(), row.system()));
            for (String column : columns) {
                Object value = row.figures().get(column);
                text.append("  ").append(String.format("%" + column.length() + "s", value == null ? "-" : number((Number) value)));
            }
            text.append('\n');
        }
        rows.forEach(row -> row.figures().forEach((name, value) -> parts(text, row.system() + ": " + name, value)));
        return text.toString();
    }

    private static void parts(StringBuilder text, String name, Object value) {
        if (value instanceof String) {
            text.append("    ").append(name).append(": ").append(value).append('\n');
        } else if (value instanceof Map) {
            Map<?, ?> map = (Map<?, ?>) value;
            text.append("    ").append(name).append('\n');
            map.forEach((key, part) -> {
                if (part instanceof Number) {
                    text.append(String.format("%14s  %s%n", number((Number) part), key));
                } else if (((Map<?, ?>) part).values().stream().allMatch(it -> it instanceof Number)
                        && ((Map<?, ?>) part).containsKey("batches")) {
                    text.append(String.format("        %-40s", key));
                    ((Map<?, ?>) part).forEach((figure, number) -> text.append(String.format("  %s %s", figure, number((Number) number))));
                    text.append('\n');
                } else {
                    parts(text, name + ": " + key, part);
                }
            });
        }
    }

    private static String number(Number number) {
        double value = number.doubleValue();
        boolean whole = number instanceof Long || number instanceof Integer;
        return String.format(Locale.ROOT, whole || Math.abs(value) >= 100 ? "%,.0f" : Math.abs(value) >= 0.1 ? "%.2f" : "%.4f", value);
    }

    static String json(Map<String, Object> whole) {
        return value(whole, "") + "\n";
    }

    private static String value(Object value, String indent) {
        String deeper = indent + "  ";
        if (value instanceof Row) {
            Row row = (Row) value;
            return value(Map.of(row.of() + ", " + row.system(), row.figures()), indent);
        }
        if (value instanceof Map) {
            return ((Map<?, ?>) value).entrySet().stream()
                    .map(entry -> deeper + quoted(entry.getKey().toString()) + ": " + value(entry.getValue(), deeper))
                    .collect(Collectors.joining(",\n", "{\n", "\n" + indent + "}"));
        }
        if (value instanceof List) {
            return ((List<?>) value).stream()
                    .map(each -> deeper + value(each, deeper))
                    .collect(Collectors.joining(",\n", "[\n", "\n" + indent + "]"));
        }
        if (value instanceof double[]) {
            return DoubleStream.of((double[]) value).mapToObj(Report::plain).collect(Collectors.joining(", ", "[", "]"));
        }
        return value instanceof Number ? plain(((Number) value).doubleValue()) : quoted(value.toString());
    }

    private static String plain(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.5f", value).replaceAll("\\.?0+$", "") : "null";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + '"';
    }
}
