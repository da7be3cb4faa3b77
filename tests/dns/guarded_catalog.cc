#include "tests/dns/guarded_catalog.h"

#include <algorithm>
#include <utility>

#include "registry/acl/objects/objects.h"
#include "registry/acl/objects/secrets.h"
#include "registry/acl/objects/stored.h"
#include "tests/dns/asked.h"

namespace rollcall::dns {

namespace {

constexpr const char* kStart = "2026-11-26T20:15:34Z";

acl::BearerCache::Options AccessOptions(GuardedCatalog* of, acl::DefaultPolicy otherwise) {
  acl::BearerCache::Options access;
  access.enabled = true;
  access.otherwise = otherwise;
  access.now = [of] { return of->now; };
  access.on_damage = [of](const std::string& what) { of->damages.push_back(what); };
  return access;
}

std::string IdOf(const std::string& kind, const std::string& secret) {
  return kind + "-0000-4000-8000-" + acl::HashSecret(secret).substr(0, 12);
}

std::string Joined(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : ", ") + line;
  return text;
}

size_t NumberAt(const std::string& hex, size_t at) {
  return std::stoul(hex.substr(at, 4), nullptr, 16);
}

}  // namespace

GuardedCatalog::GuardedCatalog(CatalogText text, DnsOptions options, acl::DefaultPolicy otherwise)
    : now(ParseRfc3339(kStart).value()),
      text_(std::move(text)),
      reader_(holder_),
      responder_(TestZone(options.node_name.empty() ? TestOptions() : std::move(options)),
                 {.catalog = &reader_,
                  .clock = &clock,
                  .seed = 1,
                  .access = AccessOptions(this, otherwise),
                  .token = &token_}) {
  Publish();
}

void GuardedCatalog::PutToken(const std::string& secret, const std::string& rules,
                              std::optional<UtcTime> expires) {
  RemoveToken(secret);
  tokens_.push_back({secret, rules, expires});
  Publish();
}

void GuardedCatalog::RemoveToken(const std::string& secret) {
  std::erase_if(tokens_, [&](const StoredToken& token) { return token.secret == secret; });
  Publish();
}

void GuardedCatalog::SetCatalog(CatalogText text) {
  text_ = std::move(text);
  Publish();
}

void GuardedCatalog::AnswerWith(const std::string& rules) {
  PutToken("secret of the token for DNS", rules);
  token_.Set("secret of the token for DNS");
}

void GuardedCatalog::Publish() {
  CatalogText text = text_;
  for (const StoredToken& stored : tokens_) {
    const std::string secret =
        stored.secret.empty() ? std::string(acl::kAnonymousSecret) : stored.secret;
    const std::string policy_id = IdOf("aaaaaaaa", secret);
    text.Acl(acl::WritePolicy({policy_id, "p-" + policy_id, "", stored.rules, {}}));
    acl::Token token;
    token.accessor_id = IdOf("dddddddd", secret);
    token.secret_hash = acl::HashSecret(secret);
    token.policy_ids = {policy_id};
    token.create_time = ParseRfc3339(kStart).value();
    token.expiration_time = stored.expires;
    text.Acl(acl::WriteToken(token));
  }
  holder_.Publish(text.Build(Index(index_++)));
}

MessageText GuardedCatalog::Ask(const std::string& query) {
  QueryText parsed = ParseQueryText(query);
  parsed.edns = 4096;
  return Ask(parsed);
}

MessageText GuardedCatalog::Ask(const QueryText& query, Transport transport) {
  return DecodeMessage(AnswerOf(&responder_, EncodeQuery(query), transport));
}

std::string GuardedCatalog::Told(const std::string& query) {
  const MessageText message = Ask(query);
  std::string told = message.rcode;
  if (!message.answer.empty()) told += ": " + Joined(message.answer);
  if (!message.additional.empty()) told += "; " + Joined(message.additional);
  const std::string error = ExtendedErrorIn(message.options);
  if (!error.empty()) told += " (" + error.substr(0, error.find(' ')) + ")";
  return told;
}

std::string ExtendedErrorIn(const std::string& options) {
  for (size_t at = 0; at + 8 <= options.size();) {
    const size_t size = NumberAt(options, at + 4);
    if (NumberAt(options, at) == 15) {
      std::string error = std::to_string(NumberAt(options, at + 8)) + " ";
      for (size_t text = at + 12; text < at + 8 + 2 * size; text += 2) {
        error += static_cast<char>(std::stoul(options.substr(text, 2), nullptr, 16));
      }
      return error;
    }
    at += 8 + 2 * size;
  }
  return "";
}

}  // namespace rollcall::dns
