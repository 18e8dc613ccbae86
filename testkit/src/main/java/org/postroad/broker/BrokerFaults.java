package org.postroad.broker;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What went fatally wrong in an embedded broker, told to its owner instead of ending the JVM.
 *
 * <p>Kafka ends its process on such faults, by way of fault handlers that we build and of {@code Exit}, which is one for the
 * whole JVM: a call of {@code Exit} is therefore reported to every living broker.
 */
final class BrokerFaults implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerFaults.class);
    private static final Set<BrokerFaults> LIVING = ConcurrentHashMap.newKeySet();

    private final AtomicReference<Throwable> first = new AtomicReference<>();
    private final Consumer<Throwable> owner;

    private BrokerFaults(Consumer<Throwable> owner) {
        this.owner = owner;
    }

    static BrokerFaults reportingTo(Consumer<Throwable> owner) {
        Exit.setExitProcedure(BrokerFaults::exitCalled);
        Exit.setHaltProcedure(BrokerFaults::exitCalled);
        BrokerFaults faults = new BrokerFaults(owner);
        LIVING.add(faults);
        return faults;
    }

    /** Never returns, as the caller in Kafka expects of an exit. */
    private static void exitCalled(int status, String message) {
        FaultHandlerException fault =
                new FaultHandlerException("Kafka wanted to exit with status " + status + ": " + message);
        LIVING.forEach(faults -> faults.fatal(fault));
        throw fault;
    }

    FaultHandler handler(String name, boolean isFatal, Runnable action) {
        return (message, cause) -> {
            FaultHandlerException fault = new FaultHandlerException(name + ": " + message, cause);
            try {
                action.run();
            } catch (RuntimeException e) {
                fault.addSuppressed(e);
            }
            if (isFatal) {
                fatal(fault);
            } else {
                LOG.atError().setCause(fault).log("a fault in the embedded broker");
            }
            return fault;
        };
    }

    private void fatal(Throwable fault) {
        LOG.atError().setCause(fault).log("a fatal fault in the embedded broker");
        if (first.compareAndSet(null, fault)) {
            owner.accept(fault);
        }
    }

    Optional<Throwable> first() {
        return Optional.ofNullable(first.get());
    }

    @Override
    public void close() {
        LIVING.remove(this);
    }
}
