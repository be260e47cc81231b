#!/usr/bin/env bash
# Walks through every call of the API with curl and prints what each answered beside what it should.
#   BASE=http://localhost:8080 TRAINER_TOKEN=… OWNER_TOKEN=… OWNER=alice walk.sh
# Registers jobs named walk-…; leaves with 1 when an answer was another one.
set -euo pipefail

: "${BASE:?where the server is}" "${TRAINER_TOKEN:?a token with the scope sluice:ingest}"
: "${OWNER:?the subject of OWNER_TOKEN}" "${OWNER_TOKEN:?a token without scopes}"
job="walk-$(date +%s)-$$"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failed=0

# call WHO EXPECTED METHOD PATH [curl options]: body in $work/body, head in $work/head
call() {
  local who="$1" expected="$2" method="$3" path="$4" token status mark=ok
  shift 4
  case "$who" in
    owner) token="$OWNER_TOKEN" ;;
    trainer) token="$TRAINER_TOKEN" ;;
    *) token="none" ;;
  esac
  local request=(-X "$method")
  [ "$method" = HEAD ] && request=(-I)
  status="$(curl -sS --path-as-is --max-time 60 -o "$work/body" -D "$work/head" -w '%{http_code}' "${request[@]}" \
    -H "Authorization: Bearer $token" "$@" "$BASE$path")"
  if [ "$status" != "$expected" ]; then
    mark="EXPECTED $expected"
    failed=1
  fi
  printf '%-8s %-6s %-74s %s %s\n' "$who" "$method" "${path//$job/JOB}" "$status" "$mark"
}

json() { call "$1" "$2" "$3" "$4" -H 'Content-Type: application/json' -d "$5"; }
etag() { sed -n 's/^etag: *"\(.*\)".*$/\1/Ip' "$work/head" | tr -d '\r'; }

head -c 300000 /dev/urandom > "$work/weights"
for step in $(seq 2000); do echo "step $step loss 0.$step"; done > "$work/log"

printf '%-8s %-6s %-74s %s\n' WHO METHOD PATH STATUS
call nobody 401 GET /api/training/jobs
call nobody 200 GET /version
json trainer 201 POST /api/training/jobs "{\"job_id\":\"$job\",\"owner\":\"$OWNER\",\"name\":\"walk\"}"
json trainer 409 POST /api/training/jobs "{\"job_id\":\"$job\",\"owner\":\"$OWNER\",\"name\":\"walk\"}"
json trainer 400 POST /api/training/jobs '{"name":'
json owner 403 POST /api/training/jobs '{"name":"mine"}'
json trainer 409 PATCH "/api/training/jobs/$job" '{"status":"completed"}'
json trainer 200 PATCH "/api/training/jobs/$job" '{"status":"running"}'
json trainer 200 POST "/api/training/jobs/$job/metrics" '[{"step":1,"train_loss":2.0},{"step":2,"train_loss":1.0}]'
call owner 404 GET "/api/training/$job/download/model"
call owner 404 GET "/api/training/$job/download/logs"
call owner 400 GET "/ml/download-all-models/$job"
files="/api/training/$job/files"
call trainer 201 PUT "$files/model/model.safetensors" -T "$work/weights"
call trainer 204 PUT "$files/model/model.safetensors" -T "$work/weights"
call trainer 201 PUT "$files/model/step-1/model.safetensors" -T "$work/weights"
call trainer 201 PUT "$files/training.log" -T "$work/log"
printf '{"step":2}' > "$work/progress"
call trainer 201 PUT "$files/progress.json" -T "$work/progress"
call trainer 201 PUT "$files/models/best_model.pkl" -T "$work/weights"
printf 'model,accuracy\nbest_model,0.9\n' > "$work/leaderboard"
call trainer 201 PUT "$files/models/leaderboard.csv" -T "$work/leaderboard"
call trainer 400 PUT "$files/model/bad" -T "$work/log" -H 'Content-Digest: sha-256=:AAAA:'
call trainer 400 PUT "$files/..%2fescape" -T "$work/log"
call owner 403 PUT "$files/model/mine" -T "$work/log"
json trainer 200 PATCH "/api/training/jobs/$job" '{"status":"completed","total_cost":1.5}'

call owner 200 GET '/api/training/jobs?page=1&limit=5&status=completed'
call owner 200 GET "/api/training/jobs/$job"
for list in checkpoints files metrics leaderboard; do
  call owner 200 GET "/api/training/$job/$list"
done

for path in \
  "/api/training/$job/download/model" \
  "/api/training/$job/download/model?checkpoint=step-1" \
  "/api/training/$job/download/logs" \
  "$files/model/model.safetensors" \
  "/ml/download-model/$job/best_model" \
  "/ml/download-leaderboard/$job" \
  "/ml/download-all-models/$job"; do
  call owner 200 HEAD "$path"
  call owner 200 GET "$path"
  cp "$work/body" "$work/whole"
  tag="$(etag)"
  call owner 304 GET "$path" -H "If-None-Match: \"$tag\""
  call owner 412 GET "$path" -H 'If-Match: "other"'
  call owner 416 GET "$path" -H 'Range: bytes=99999999-'
  call owner 206 GET "$path" -H "If-Range: \"$tag\"" -r 0-19
  cp "$work/body" "$work/parts"
  call owner 206 GET "$path" -H "If-Range: \"$tag\"" -r 20-
  cat "$work/body" >> "$work/parts"
  if ! cmp -s "$work/parts" "$work/whole"; then
    echo "the parts of $path are not the whole"
    failed=1
  fi
  case "$path" in
    */download/* | */download-all*)
      if command -v unzip > /dev/null && ! unzip -tqq "$work/whole"; then
        echo "$path is no zip"
        failed=1
      fi
      ;;
  esac
  call trainer 404 GET "$path"
  call nobody 401 GET "$path"
done
call owner 200 GET "/api/training/$job/download/model/model_$job.tar"
call owner 200 GET "/api/training/$job/download/model?include=*.safetensors&exclude=step-1/**"
call owner 400 GET "/api/training/$job/download/model?checkpoint=..%2fx"
call owner 404 GET "/api/training/$job/download/model?checkpoint=none"
call owner 404 GET "/ml/download-model/$job/none"
call owner 405 DELETE "/api/training/jobs/$job"
call owner 404 GET /api/nothing/here
exit "$failed"
