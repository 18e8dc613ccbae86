package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DomainTest {
    @ParameterizedTest
    @CsvSource({
        // What IDNA2003 would have mapped to somebody else's name.
        "stra\u00dfe.test, xn--strae-oqa.test",
        "STRA\u1e9eE.test, xn--strae-oqa.test",
        "fa\u00df.test, xn--fa-hia.test",
        "\u03b2\u03cc\u03bb\u03bf\u03c2.test, xn--nxasmm1c.test",
        "\u03b2\u03cc\u03bb\u03bf\u03c3.test, xn--nxasmq6b.test",
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3.test, xn--10cl1a0b660p.test",
        "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.test, xn--mgba3gch31f060k.test",
        "d\u0131g.test, xn--dg-hpa.test",
        // One name however it is typed.
        "GR\u00c5.Test, xn--gr-zia.test",
        "gra\u030a.test, xn--gr-zia.test",
        "gr\u00e5\u3002test, xn--gr-zia.test",
        "gr\u00e5\uff0etest, xn--gr-zia.test",
        "xn--gr-zia.b\u00fccher.test, xn--gr-zia.xn--bcher-kva.test",
        "XN--GR-ZIA.b\u00fccher.test, xn--gr-zia.xn--bcher-kva.test",
        "\uff4d\uff41\uff49\uff4c.test, mail.test",
        // Scripts.
        "\u043f\u0440\u0438\u043c\u0435\u0440.test, xn--e1afmkfd.test",
        "\u4f8b\u3048.test, xn--r8jz45g.test",
        "\u4f8b\u5b50.test, xn--fsqu00a.test",
        "\uc2e4\ub840.test, xn--9n2bp8q.test",
        "\u05d3\u05d5\u05d2\u05de\u05d4.\u05d8\u05e2\u05e1\u05d8, xn--6dbbec0c.xn--deba0ad",
        "\u0645\u062b\u0627\u0644.\u0625\u062e\u062a\u0628\u0627\u0631, xn--mgbh0fb.xn--kgbechtv",
        "\u0909\u0926\u093e\u0939\u0930\u0923.test, xn--p1b6ci4b4b3a.test",
        "\u0e15\u0e31\u0e27\u0e2d\u0e22\u0e48\u0e32\u0e07.test, xn--72c1a1bt4awk9o.test",
        "l\u00b7l.test, xn--ll-0ea.test",
    })
    void everyNameHasItsOwnALabels(String name, String labels) {
        assertThat(Domain.canonical(name)).isEqualTo(labels);
        assertThat(Domain.isWellFormed(name, true)).isTrue();
        assertThat(Domain.isWellFormed(name, false)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\u200db.test", // a joiner where none joins
                "a\u200cb.test",
                "b\u00adcd\u00e9.test", // invisible
                "b\u200bank.test",
                "b\u2060ank.test",
                "bank\ufe0f.test",
                "\ufeffbank.test",
                "\u0378.test", // unassigned
                "\u05d0a\u05d1.test", // right to left and left to right in one label
                "\u05d0.1a", // the same in one name
                "\u0301a.test", // begins with a mark
                "-gr\u00e5.test",
                "gr\u00e5-.test",
                "gr--\u00e5.test",
                "gr\u00e5_x.test",
                "xn--a.gr\u00e5.test", // not Punycode of anything
                "xn--strasse-.gr\u00e5.test",
                "xn--gr\u00e5.test",
                "gr\u00e5..test",
                ".gr\u00e5.test",
                "gr\u00e5.test.",
                "gr\u00e5\u3002",
                "\ud800.test",
                "\u2488c.test",
                "b\uff20c.test",
                "a\u00b7b.test",
                "\u0660\u06f0.test"
            })
    void whatHasNoALabelsIsNoDomainAndNoOther(String name) {
        assertThat(Domain.isWellFormed(name, true)).isFalse();
        assertThat(Mailbox.parse("a@" + name, true)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ban\u212a\u200b.test", "\u0378K.test", "\u0130\u0378.test"})
    void whatHasNoALabelsNeverBecomesAscii(String name) {
        assertThat(Domain.canonical(name)).isEqualTo(name);
    }

    @Test
    void lengthsAreThoseOfTheALabels() {
        assertThat(Domain.isWellFormed("\u00e5".repeat(57) + ".test", true)).isTrue();
        assertThat(Domain.isWellFormed("\u00e5".repeat(63) + ".test", true)).isFalse();
        assertThat(Domain.isWellFormed(("\u00e5".repeat(50) + ".").repeat(4) + "test", true)).isTrue();
        assertThat(Domain.isWellFormed(("\u00e5".repeat(50) + ".").repeat(5) + "test", true)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a_b.test", "xn--a.test", "r3---x.test", "1.test", "xn--strae-oqa.test"})
    void namesInAsciiStayAsTheyAre(String name) {
        assertThat(Domain.isWellFormed(name, false)).isTrue();
        assertThat(Domain.canonical(name)).isEqualTo(name);
    }
}
