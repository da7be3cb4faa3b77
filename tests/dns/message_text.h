// DNS messages as text, made and read by ldns alone: nothing here shares code with the server.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rollcall::dns {

struct QueryText {
  std::string name;  // escaped as in zone files
  std::string type;
  std::string klass = "IN";
  std::optional<uint16_t> edns = std::nullopt;  // UDP payload size
  bool recursion_desired = true;
  bool dnssec_ok = false;
  uint16_t id = 4711;
  std::string options = {};  // of EDNS, in hex
};

// "web.service.consul. SRV"
QueryText ParseQueryText(const std::string& text);

std::vector<uint8_t> EncodeQuery(const QueryText& query);

// Whether `octets` are a message.
bool LdnsReads(std::span<const uint8_t> octets);

struct MessageText {
  std::string rcode;
  int extended_rcode = 0;
  std::string flags;  // "qr aa tc rd", those that are set
  uint16_t id = 0;
  size_t size = 0;
  std::vector<std::string> question;  // "owner class type"
  std::vector<std::string> answer;    // "owner ttl type rdata", as they came
  std::vector<std::string> authority;
  std::vector<std::string> additional;  // without OPT
  std::optional<uint16_t> edns;
  bool dnssec_ok = false;
  std::string options;  // of EDNS, in hex
};

// Fails the running test, and returns an empty message, when ldns cannot read `octets`.
MessageText DecodeMessage(std::span<const uint8_t> octets);

}  // namespace rollcall::dns
