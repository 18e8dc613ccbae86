package org.postroad.schemas.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextPatternTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "full ~ 452 4.2.2 mailbox full ~ true",
                "mailbox.*full|over quota ~ user is over quota ~ true",
                "(?i)GREYLIST(ed|ing) ~ you are Greylisted ~ true",
                "GREYLIST(ed|ing) ~ you are Greylisted ~ false",
                "^4\\.7 ~ 4.7.1 try later ~ true",
                "^4\\.7 ~ see 4.7.1 ~ false",
                "later$ ~ try later ~ true",
                "later$ ~ later or not ~ false",
                "\\bspam\\b ~ no spam. ~ true",
                "\\bspam\\b ~ spammer ~ false",
                "[^0-9 ]+@[a-z.-]+ ~ <joe@b-c.test> ~ true",
                "\\d{3} \\d\\.\\d\\.\\d{1,3}$ ~ 550 5.1.123 ~ true",
                "a{2,} ~ caab ~ true",
                "a{2,} ~ cab ~ false",
                "x?y*z ~ z ~ true",
                "(?:ab)+c ~ ababc ~ true",
                "(|a)(b|) ~ '' ~ true",
                "a.c ~ a\u2028c ~ false",
                "[a\\]]x ~ ]x ~ true",
                "a+?b ~ aab ~ true",
            })
    void isFound(String expression, String text, boolean found) {
        assertThat(TextPattern.of(expression).isFoundIn(text)).isEqualTo(found);
        assertThat(Pattern.compile(expression).matcher(text).find())
                .as("as in Java")
                .isEqualTo(found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a",
                "a)",
                "[a",
                "[]a]",
                "[z-a]",
                "*a",
                "a**",
                "a*+",
                "a{",
                "a{2",
                "a{3,2}",
                "a{99999999999}",
                "{2}",
                "\\",
                "\\1",
                "\\pL",
                "\\Qa",
                "(?=a)",
                "(?<!a)",
                "(?<n>a)",
                "(?>a)",
                "(?i",
                "a(?i)b",
                "[a&&b]",
                "[[a]]",
                "a{1000}",
                "((a{20}){20}){20}",
                "((((){1000}){1000}){1000}){1000}",
                "[a-\\d]"
            })
    void whatCannotBeFollowedInBoundedTimeIsRefused(String expression) {
        assertThatThrownBy(() -> TextPattern.of(expression)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TextPattern.of("a".repeat(1_001))).isInstanceOf(IllegalArgumentException.class);
    }

    /** By one that goes back and tries again, the first would take longer than the sun has; deep nesting would end the thread. */
    @Test
    void noExpressionTakesLong() {
        String text = "a".repeat(511) + "!";
        String nested = "(".repeat(250) + "a" + ")*".repeat(250);
        Assertions.assertTimeoutPreemptively(Duration.ofMinutes(1), () -> {
            for (String expression : new String[] {
                "(a+)+$", "^(a|a)*$", "(a|aa)+$", "(.*)(.*)(.*)(.*)(.*)x", "^(a?){50}a{50}$", "^((a*)*)*$"
            }) {
                assertThat(TextPattern.of(expression).isFoundIn(text)).isFalse();
            }
            assertThatThrownBy(() -> TextPattern.of(nested)).hasMessageContaining("repeats too much");
        });
    }

    /** Every expression that it takes means what it means in Java. */
    @Test
    void meansWhatItMeansInJava() {
        Random random = new Random(20_261_128);
        int found = 0;
        for (int i = 0; i < 20_000; i++) {
            String expression = expression(random, 2);
            TextPattern ours = TextPattern.of(expression);
            Pattern theirs = Pattern.compile(expression);
            for (int j = 0; j < 5; j++) {
                String text = letters(random, "ab c_", random.nextInt(8));
                boolean is = theirs.matcher(text).find();
                found += is ? 1 : 0;
                assertThat(ours.isFoundIn(text))
                        .as("%s in '%s'", expression, text)
                        .isEqualTo(is);
            }
        }
        assertThat(found).isBetween(20_000, 80_000);
    }

    private static String expression(Random random, int depth) {
        StringBuilder made = new StringBuilder();
        int parts = 1 + random.nextInt(3);
        for (int i = 0; i < parts; i++) {
            String part =
                    switch (random.nextInt(depth == 0 ? 6 : 8)) {
                        case 0, 1 -> letters(random, "abc", 1);
                        case 2 -> ".";
                        case 3 -> random.nextBoolean() ? "[ab]" : "[^a-b_]";
                        case 4 -> random.nextBoolean() ? "\\w" : "\\S";
                        case 5 -> new String[] {"^", "$", "\\b", "\\B"}[random.nextInt(4)];
                        case 6 -> "(b" + expression(random, depth - 1) + ")";
                        default -> "(?:." + expression(random, depth - 1) + "|a" + expression(random, depth - 1) + ")";
                    };
            boolean place =
                    part.matches("\\^|\\$|\\\\[bB]"); // of places, and of nothing, Java does not find all repetitions
            String times = place ? "" : new String[] {"", "", "*", "+", "?", "{2}", "{1,2}", "*?"}[random.nextInt(8)];
            made.append(part).append(times);
        }
        return made.toString();
    }

    private static String letters(Random random, String of, int count) {
        StringBuilder made = new StringBuilder();
        for (int i = 0; i < count; i++) {
            made.append(of.charAt(random.nextInt(of.length())));
        }
        return made.toString();
    }
}
