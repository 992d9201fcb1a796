module hcl-rules

go 1.21

require github.com/hashicorp/hcl v1.0.1-vault-7
