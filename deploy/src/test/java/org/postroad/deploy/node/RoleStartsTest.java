package org.postroad.deploy.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.UnreachableException;

class RoleStartsTest {
    private final List<String> closed = new CopyOnWriteArrayList<>();

    @Test
    void nobodyWaitsForAnotherAndTheOrderIsThatGiven() throws Exception {
        CountDownLatch second = new CountDownLatch(1);
        List<Role> roles = RoleStarts.atOnce(
                () -> {
                    awaitOrFail(second);
                    return role("first");
                },
                () -> {
                    second.countDown();
                    return role("second");
                });
        assertThat(roles).extracting(Role::name).containsExactly("first", "second");
        assertThat(closed).isEmpty();
    }

    @Test
    void whenOneFailsTheOthersAreClosed() {
        assertThatThrownBy(() -> RoleStarts.atOnce(
                        () -> role("first"),
                        () -> {
                            throw new BindException("taken");
                        },
                        () -> role("third")))
                .isInstanceOf(BindException.class)
                .hasMessage("taken");
        assertThat(closed).containsExactlyInAnyOrder("first", "third");
    }

    @Test
    void anInterruptEndsTheStarts() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> RoleStarts.atOnce(() -> role("first"), () -> {
                    awaitOrFail(new CountDownLatch(1));
                    return role("never");
                }))
                .isInstanceOf(UnreachableException.class);
        assertThat(closed).containsExactly("first");
    }

    private static void awaitOrFail(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new UnreachableException("interrupted", e);
        }
    }

    private Role role(String name) {
        return new Role(name, () -> true, () -> true, () -> null, List.of(), List.of(), () -> closed.add(name));
    }
}
