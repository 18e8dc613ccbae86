package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.postroad.schemas.Mailbox;

/** Lines as they come from a socket, up to what they ask for. */
class CommandFuzzTest {
    private final CommandParser parser = new CommandParser(new Mailbox("postmaster", "mx.example"));

    @FuzzTest(maxDuration = "2m")
    void octetsOneAtATimeAskForTheSameAndNothingSmugglesALine(byte[] octets) {
        List<Command> commands = commands(octets, octets.length);
        assertThat(commands(octets, 1)).isEqualTo(commands);
        assertThat(commands(octets, 7)).isEqualTo(commands);
        commands.forEach(CommandFuzzTest::isHarmless);
    }

    private List<Command> commands(byte[] octets, int piece) {
        List<Command> commands = new ArrayList<>();
        LineBuffer line = new LineBuffer(ListenerLimits.USUAL.commandLine());
        for (int from = 0; from < octets.length && !line.isEndless(); from += piece) {
            ByteBuf in = Unpooled.wrappedBuffer(octets, from, Math.min(piece, octets.length - from));
            while (line.take(in)) {
                assertThat(line.octets()).hasSizeLessThanOrEqualTo(ListenerLimits.USUAL.commandLine());
                commands.add(
                        line.isTooLong()
                                ? CommandParser.tooLong(line.octets(), line.length())
                                : parser.parse(line.octets(), line.length()));
                line.clear();
            }
        }
        return commands;
    }

    private static void isHarmless(Command command) {
        if (command instanceof Command.Hello hello) {
            isOneLine(hello.greeting());
        } else if (command instanceof Command.Mail mail) {
            isOneLine(mail.reversePath());
            if (!mail.reversePath().isEmpty()) {
                assertThat(Mailbox.parse(mail.reversePath(), true)).hasToString(mail.reversePath());
            }
        } else if (command instanceof Command.Rcpt rcpt) {
            assertThat(Mailbox.parse(rcpt.recipient().toString(), true)).isEqualTo(rcpt.recipient());
        } else if (command instanceof Command.Bdat bdat) {
            assertThat(bdat.octets()).isNotNegative();
        }
        isOneLine(command.toString());
    }

    private static void isOneLine(String text) {
        assertThat(text.chars()).noneMatch(c -> c < ' ' || c == 0x7F);
    }
}
