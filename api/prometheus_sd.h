// GET /v1/prometheus/sd: the instances as Prometheus' http_sd_configs reads them: one poll, on one
// connection, gives a whole fleet with every label that consul_sd_configs makes of it.
//   ?service= (repeatable: instances of any of them), ?tag= (repeatable: all of them), ?passing,
//   ?node-meta=, ?filter= (fields as in health/service), ?tag_separator= (default ",")
// Carries an ETag; If-None-Match is answered with 304. Does not block: Prometheus polls.
// Source: Prometheus' documentation of consul_sd_config and of HTTP service discovery.
// Worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"

namespace rollcall::api {

AccessHandler PrometheusSdHandler(ApiWorker& worker);

}  // namespace rollcall::api
