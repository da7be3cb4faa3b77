// Checks, and instances with their health.
#include "api/filter/schemas.h"

namespace rollcall::api::filter {
namespace {

size_t CheckCount(const HealthRecord& record) {
  return record.entry.node_checks.size() + record.entry.checks.size();
}

// In the order of the answer: the node's, then the instance's.
const model::Check& CheckAt(const HealthRecord& record, size_t position) {
  const catalog::CheckList& of_node = record.entry.node_checks;
  if (position < of_node.size()) return *of_node[position]->check;
  return *record.entry.checks[position - of_node.size()]->check;
}

}  // namespace

template <>
const Fields<model::Check>& FieldsOf() {
  using R = model::Check;
  static const Fields<R> kFields = {
      Text<R>("Node", [](const R& r) -> std::string_view { return r.node; }),
      Text<R>("CheckID", [](const R& r) -> std::string_view { return r.check_id; }),
      Text<R>("Name", [](const R& r) -> std::string_view { return r.name; }),
      Text<R>("Status", [](const R& r) { return model::ToString(r.status); }),
      Text<R>("Notes", [](const R& r) -> std::string_view { return r.notes; }),
      Text<R>("Output", [](const R& r) -> std::string_view { return r.output; }),
      Text<R>("ServiceID", [](const R& r) -> std::string_view { return r.service_id; }),
      Text<R>("ServiceName", [](const R& r) -> std::string_view { return r.service_name; }),
      Texts<R>(
          "ServiceTags", [](const R& r) -> auto& { return r.service_tags; }),
      Text<R>("Type", [](const R& r) -> std::string_view { return r.type; }),
      Text<R>("PeerName", [](const R&) { return std::string_view(); }),
  };
  return kFields;
}

template <>
const Fields<HealthRecord>& FieldsOf() {
  using R = HealthRecord;
  static const Fields<R> kFields = {
      Object<R>("Node", FieldsOf<NodeRecord>(),
                [](const R& r) {
                  return NodeRecord{*r.entry.node, r.datacenter};
                }),
      Object<R>(
          "Service", FieldsOf<model::Instance>(),
          [](const R& r) -> auto& { return *r.entry.instance; }),
      Objects<R>("Checks", FieldsOf<model::Check>(), CheckCount, CheckAt),
  };
  return kFields;
}

}  // namespace rollcall::api::filter
