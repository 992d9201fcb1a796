{{- define "snapscope-agent.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "snapscope-agent.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "snapscope-agent.labels" -}}
{{ include "snapscope-agent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "snapscope-agent.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "snapscope-agent.name" .) -}}
{{- else -}}
{{- required "serviceAccount.name is needed where serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The configuration file: what the values hold, and what follows from how the pod is built. */}}
{{- define "snapscope-agent.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $snapshot := dict "metrics" (printf "0.0.0.0:%v" .Values.metrics.port) "local_scratch_path" "/scratch" -}}
{{- $_ := set $config "snapshot" (merge $snapshot ($config.snapshot | default dict)) -}}
{{- if .Values.login.enabled -}}
{{- $login := dict "auth_method" .Values.login.authMethod "bearer_token_file" "/var/run/secrets/tokens/consul" -}}
{{- if .Values.login.meta -}}{{- $_ := set $login "meta" .Values.login.meta -}}{{- end -}}
{{- $_ := set $config "login" $login -}}
{{- end -}}
{{- if or .Values.ca.configMap .Values.ca.secret -}}
{{- $_ := set $config "ca_file" (printf "/var/run/secrets/ca/%s" .Values.ca.key) -}}
{{- end -}}
{{- toPrettyJson (dict "snapshot_agent" $config) -}}
{{- end -}}
