#include "tests/conformance/dns_record.h"

#include <algorithm>
#include <fstream>

#include "registry/base/ascii.h"

namespace rollcall::conformance {
namespace {

using nlohmann::json;

std::vector<std::string> Records(const json& section) {
  std::vector<std::string> records;
  for (const json& each : section) {
    records.push_back(each.at(0).get<std::string>() + " " + std::to_string(each.at(1).get<int>()) +
                      " " + each.at(2).get<std::string>() + " " + each.at(3).get<std::string>());
  }
  return records;
}

RecordedQuery ParseQuery(const json& written) {
  RecordedQuery query;
  query.name = written.at("name");
  query.type = written.at("type");
  query.klass = written.value("class", query.klass);
  if (written.contains("edns")) query.edns = written.at("edns").get<uint16_t>();
  query.has_ecs = written.contains("ecs");
  query.tcp = written.value("tcp", false);
  query.recursion_desired = written.value("rd", true);
  const json& expect = written.at("expect");
  query.expect.rcode = expect.at("rcode");
  if (query.expect.rcode == "NOTIMP") query.expect.rcode = "NOTIMPL";
  query.expect.flags = AsciiLower(expect.at("flags").get<std::string>());
  query.expect.answer = Records(expect.at("answer"));
  query.expect.authority = Records(expect.at("authority"));
  query.expect.additional = Records(expect.at("additional"));
  return query;
}

}  // namespace

std::string RecordedQuery::Text() const {
  std::string text = name + " " + type;
  if (edns) text += " edns=" + std::to_string(*edns);
  if (has_ecs) text += " ecs";
  if (tcp) text += " tcp";
  if (!recursion_desired) text += " norecurse";
  if (klass != "IN") text += " " + klass;
  return text;
}

DnsRecord LoadDnsRecord(const std::string& file) {
  const json parsed = json::parse(std::ifstream(file));
  DnsRecord record;
  for (const json& each : parsed.at("registrations")) record.registrations.push_back(each);
  for (const json& each : parsed.at("queries")) record.queries.push_back(ParseQuery(each));
  return record;
}

}  // namespace rollcall::conformance
