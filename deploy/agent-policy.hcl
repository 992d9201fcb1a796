# The rights that `snapscope agent` needs if ACLs are enabled. A snapshot holds every secret of the
# cluster, so Consul requires the right to write ACLs: protect this token like a management token.
acl = "write"

# The lock. Must match -lock-key.
key "consul-snapshot/lock" {
  policy = "write"
}

# The lock's session is on the node of the local Consul agent. Name that node to allow no other.
session_prefix "" {
  policy = "write"
}

# Must match -service.
service "consul-snapshot" {
  policy = "write"
}
