package org.postroad.deliverer.send;

import org.postroad.deliverer.address.AddressFamilies;
import org.postroad.schemas.dns.NameServers;

/** What the event loops of a node share about addresses: their limits, whether each family works, and who knows the addresses of a name. */
record NodeAddresses(AddressLimits limits, AddressFamilies families, NameServers servers) {}
