# What `snapscope agent` needs where ACLs are on. A snapshot holds every secret of the cluster, so
# Consul gives one only to those who may write ACLs: keep the token as safe as a management token.
acl = "write"

# The lock; has to be what -lock-key says.
key "consul-snapshot/lock" {
  policy = "write"
}

# Its session is on the node of the Consul agent it talks to. Name that node to allow no other.
session_prefix "" {
  policy = "write"
}

# Has to be what -service says.
service "consul-snapshot" {
  policy = "write"
}
