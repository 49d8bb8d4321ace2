//! Sans-IO forwarding engine on str0m: slots, sources, key-frame requests.
