# Three agents on three clients. Each talks to its local Consul agent. Here the token comes from
# Vault; any other way to put it into the file works, too.
job "snapscope-agent" {
  type = "service"

  group "agent" {
    count = 3

    constraint {
      distinct_hosts = true
    }

    network {
      port "metrics" {}
    }

    ephemeral_disk {
      size = 4096
    }

    task "agent" {
      driver = "exec"

      config {
        command = "/usr/bin/snapscope"
        args    = ["agent", "-config-file", "${NOMAD_TASK_DIR}/agent.json"]
      }

      kill_signal  = "SIGTERM"
      kill_timeout = "30s"

      env {
        CONSUL_HTTP_TOKEN_FILE = "${NOMAD_SECRETS_DIR}/consul-token"
      }

      template {
        destination = "${NOMAD_SECRETS_DIR}/consul-token"
        perms       = "0400"
        data        = <<EOT
{{ with secret "consul/creds/snapshot-agent" }}{{ .Data.token }}{{ end }}
EOT
      }

      template {
        destination   = "${NOMAD_TASK_DIR}/agent.json"
        change_mode   = "signal"
        change_signal = "SIGHUP"
        data          = <<EOT
{
  "snapshot_agent": {
    "http_addr": "127.0.0.1:8500",
    "snapshot": {
      "interval": "1h",
      "retain": 72,
      "alert_shrink": 50,
      "metrics": "0.0.0.0:{{ env "NOMAD_PORT_metrics" }}"
    },
    "backup_destinations": {
      "aws_storage": [{ "s3_bucket": "consul-backups", "s3_region": "eu-central-1" }]
    }
  }
}
EOT
      }

      resources {
        cpu    = 100
        memory = 128
      }
    }
  }
}
