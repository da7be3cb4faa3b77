#include "dns/opt_record.h"

#include <span>

namespace rollcall::dns {

namespace {

constexpr size_t kFixedSize = 11;         // with no option
constexpr size_t kOptionHeader = 4;       // RFC 6891 section 6.1.2
constexpr size_t kClientSubnetFixed = 4;  // RFC 7871 section 6
constexpr size_t kErrorCode = 2;          // RFC 8914 section 2

constexpr uint16_t kFlagDnssecOk = 0x8000;  // RFC 3225 section 3

void WriteOptionHeader(uint16_t code, size_t size, OctetWriter* out) {
  out->Put(code, static_cast<uint16_t>(size));
}

}  // namespace

size_t OptOptionsSize(const Edns& edns, const OptReply& reply) {
  size_t size = 0;
  if (edns.client_subnet) size += kOptionHeader + kClientSubnetFixed + edns.client_subnet->size;
  if (reply.cookie)
    size += kOptionHeader + reply.cookie->client.size() + reply.cookie->server.size();
  if (reply.extended_error) size += kOptionHeader + kErrorCode + reply.extended_error->text.size();
  return size;
}

size_t OptRecordSize(const Edns& edns, const OptReply& reply) {
  return kFixedSize + OptOptionsSize(edns, reply);
}

void WriteOptRecord(const Edns& edns, const OptReply& reply, OctetWriter* out) {
  constexpr uint8_t kRoot = 0;  // owns the record
  constexpr uint8_t kVersion = 0;
  const auto upper_rcode = static_cast<uint8_t>(static_cast<uint16_t>(reply.rcode) >> 4);
  const uint16_t flags = edns.dnssec_ok ? kFlagDnssecOk : 0;  // copied: RFC 3225 section 3
  out->Put(kRoot, type::kOpt, reply.advertised_payload, upper_rcode, kVersion, flags,
           static_cast<uint16_t>(OptOptionsSize(edns, reply)));
  WriteOptOptions(edns, reply, out);
}

void WriteOptOptions(const Edns& edns, const OptReply& reply, OctetWriter* out) {
  if (edns.client_subnet) {
    const ClientSubnet& subnet = *edns.client_subnet;
    WriteOptionHeader(option::kClientSubnet, kClientSubnetFixed + subnet.size, out);
    constexpr uint8_t kScope = 0;  // RFC 7871 section 7.2.1: no answer depends on where it goes
    out->Put(subnet.family, subnet.source_prefix, kScope);
    out->Put(std::span(subnet.address).first(subnet.size));
  }
  if (reply.cookie) {
    const CookieReply& cookie = *reply.cookie;
    WriteOptionHeader(option::kCookie, cookie.client.size() + cookie.server.size(), out);
    out->Put(cookie.client);
    out->Put(cookie.server);
  }
  if (reply.extended_error) {
    const ExtendedError& error = *reply.extended_error;
    WriteOptionHeader(option::kExtendedError, kErrorCode + error.text.size(), out);
    out->Put(error.code);
    out->Put(error.text);
  }
}

}  // namespace rollcall::dns
