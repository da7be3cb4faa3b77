#include "registry/model/definition_json.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "registry/model/json.h"

namespace rollcall::model {
namespace {

using nlohmann::ordered_json;

// Says no more of a check than what differs from saying nothing.
class Saying {
 public:
  explicit Saying(ordered_json* object) : object_(*object) {}

  Saying& Text(const char* name, const std::string& value) {
    if (!value.empty()) object_[name] = value;
    return *this;
  }
  Saying& Flag(const char* name, bool value) {
    if (value) object_[name] = true;
    return *this;
  }
  Saying& Count(const char* name, size_t value) {
    if (value != 0) object_[name] = value;
    return *this;
  }

 private:
  ordered_json& object_;
};

}  // namespace

ordered_json ServiceDefinitionJson(const Instance& instance) {
  ordered_json object = AgentServiceJson(instance);
  object["Name"] = object["Service"];
  object.erase("Service");
  return object;
}

ordered_json CheckDefinitionJson(const AgentCheck& check) {
  const CheckRun& run = check.run;
  ordered_json object = {
      {"CheckID", check.check_id}, {"Name", check.name}, {"Status", ToString(check.status)}};
  Saying(&object).Text("Notes", check.notes).Text("ServiceID", check.service_id);
  object.update(CheckDefinitionJson(static_cast<const CheckDefinition*>(&run)));
  Saying(&object)
      .Text("UDP", run.udp)
      .Text("GRPC", run.grpc)
      .Text("H2PING", run.h2ping)
      .Text("TLSServerName", run.tls_server_name)
      .Flag("DisableRedirects", run.disable_redirects)
      .Text("AliasNode", run.alias_node)
      .Text("AliasService", run.alias_service)
      .Count("SuccessBeforePassing", static_cast<size_t>(run.success_before_passing))
      .Count("FailuresBeforeWarning", static_cast<size_t>(run.failures_before_warning))
      .Count("FailuresBeforeCritical", static_cast<size_t>(run.failures_before_critical))
      .Count("OutputMaxSize", run.output_max_size);
  if (run.kind == CheckKind::kGrpc) object["GRPCUseTLS"] = run.use_tls;
  if (run.kind == CheckKind::kH2Ping) object["H2PingUseTLS"] = run.use_tls;
  if (!run.args.empty()) object["Args"] = run.args;
  return object;
}

}  // namespace rollcall::model
