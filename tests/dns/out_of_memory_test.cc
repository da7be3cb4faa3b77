// What a query gets when memory runs out while it is answered, and that what is asked all the time
// needs none. This program's `operator new` fails when the test says so, so that every allocation
// of the answer path has its turn.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "dns/responder.h"
#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"
#include "tests/dns/guarded_catalog.h"

namespace {

// How many allocations of this thread still succeed; negative: all of them.
thread_local int allowed_allocations = -1;
enum class Shortage { kOnce, kFromThenOn };
thread_local Shortage shortage = Shortage::kOnce;
thread_local bool refused_some = false;

bool MayAllocate() {
  if (allowed_allocations < 0) return true;
  if (allowed_allocations > 0) {
    --allowed_allocations;
    return true;
  }
  if (shortage == Shortage::kOnce) allowed_allocations = -1;
  refused_some = true;
  return false;
}

}  // namespace

// The sanitizers have a malloc of their own, which is left alone: there only `new` is counted.
#if defined(__SANITIZE_ADDRESS__)
#define ROLLCALL_COUNTS_MALLOC 0
#elif defined(__has_feature)
#define ROLLCALL_COUNTS_MALLOC !__has_feature(address_sanitizer)
#else
#define ROLLCALL_COUNTS_MALLOC 1
#endif

namespace {
uint64_t malloc_calls = 0;
}  // namespace

#if ROLLCALL_COUNTS_MALLOC
extern "C" void* __libc_malloc(size_t size);  // NOLINT: glibc's name for what this replaces
extern "C" void* malloc(size_t size) {
  ++malloc_calls;
  return __libc_malloc(size);
}
#endif

// Not inlined: gcc would see a `new` whose memory is given to free(), and warn.
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return MayAllocate() ? std::malloc(size == 0 ? 1 : size) : nullptr;
}

[[gnu::noinline]] void* operator new(size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t /*size*/) noexcept {
  std::free(memory);
}

namespace rollcall::dns {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kCookieOption = "000a00082464c4abcf10c957";
constexpr const char* kReadAll =
    R"(service_prefix "" { policy = "read" } node_prefix "" { policy = "read" })";
constexpr const char* kSubnetOption = "0008000700011800c00002";  // 192.0.2.0/24

class OutOfMemoryTest : public testing::Test {
 protected:
  OutOfMemoryTest() : asked_(Catalog().Build()) {
    // What is made once and kept, is made now.
    healthy_ = DecodeMessage(asked_.AskRaw(query_));
  }

  static CatalogText Catalog() {
    CatalogText text;
    text.Node("n1", "10.0.0.1")
        .Instance({.node = "n1", .name = "web", .tags = {"v1"}, .meta = {{"a", "b"}}});
    return text;
  }

  // 2,000 instances, of both families, and a service of IPv4 alone.
  static CatalogText WideCatalog() {
    CatalogText text;
    text.Node("n1", "10.0.0.1").Instance({.node = "n1", .name = "web", .tags = {"v1"}});
    text.Instance({.node = "n1", .name = "v4"});
    text.Instance({.node = "n1", .name = "web", .address = "2001:db8::1", .id = "web6"});
    for (int i = 0; i < 2000; ++i) {
      const std::string number = std::to_string(i);
      text.Instance({.node = "n1",
                     .name = "many",
                     .address = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250),
                     .weights = {.passing = 1 + i % 90, .warning = 1},
                     .id = "many" + number});
    }
    return text;
  }

  std::vector<uint8_t> AskShortOfMemory(int allowed, Shortage kind, bool* failed) {
    return AskShortOfMemory(&asked_.responder(), allowed, kind, failed);
  }
  // The answer when the allocation after `allowed` others fails. Sets whether any did.
  std::vector<uint8_t> AskShortOfMemory(Responder* responder, int allowed, Shortage kind,
                                        bool* failed) {
    std::vector<uint8_t> answer(kMaxMessageSize);
    shortage = kind;
    refused_some = false;
    allowed_allocations = allowed;
    const uint64_t before = malloc_calls;
    const size_t size = responder->Respond({query_}, answer).size;
    mallocs_ = malloc_calls - before;
    allowed_allocations = -1;
    answer.resize(size);
    *failed = refused_some;
    return answer;
  }

  uint64_t ServFails() const {
    return asked_.counters().answers[static_cast<size_t>(Rcode::kServFail)].value();
  }

  std::vector<uint8_t> query_ =
      EncodeQuery({.name = "web.service.consul.", .type = "TXT", .edns = 1232, .id = 99});
  uint64_t mallocs_ = 0;  // while the last answer was made, where they are counted
  AskedCatalog asked_;
  MessageText healthy_;
};

TEST_F(OutOfMemoryTest, OneFailedAllocationIsOneServFail) {
  bool failed = true;
  int at = 0;
  for (; failed; ++at) {
    const uint64_t before = ServFails();
    const std::vector<uint8_t> answer = AskShortOfMemory(at, Shortage::kOnce, &failed);
    const MessageText message = DecodeMessage(answer);
    EXPECT_EQ(message.id, 99);
    EXPECT_EQ(message.question, Lines{"web.service.consul. IN TXT"});
    EXPECT_EQ(message.rcode, failed ? "SERVFAIL" : "NOERROR") << "allocation " << at;
    EXPECT_EQ(message.answer, failed ? Lines() : healthy_.answer);
    EXPECT_EQ(ServFails() - before, failed ? 1u : 0u);
  }
  EXPECT_GT(at, 5) << "the answer path allocates next to nothing: is this still the right test?";
  EXPECT_EQ(DecodeMessage(asked_.AskRaw(query_)).answer, healthy_.answer);
}

TEST_F(OutOfMemoryTest, WithoutAnyMemoryThereIsNoAnswer) {
  bool failed = true;
  for (int at = 0; failed; ++at) {
    const uint64_t before = asked_.counters().dropped.value();
    const std::vector<uint8_t> answer = AskShortOfMemory(at, Shortage::kFromThenOn, &failed);
    EXPECT_EQ(answer.empty(), failed) << "allocation " << at;
    EXPECT_EQ(asked_.counters().dropped.value() - before, failed ? 1u : 0u);
  }
  EXPECT_EQ(DecodeMessage(asked_.AskRaw(query_)).answer, healthy_.answer);
}

// What is prepared on the first question is prepared whole, or not at all and then on the next one.
TEST_F(OutOfMemoryTest, WhatCouldNotBePreparedIsPreparedOnTheNextQuestion) {
  const std::vector<uint8_t> srv =
      EncodeQuery({.name = "v1.web.service.consul.", .type = "SRV", .edns = 1232, .id = 99});
  bool failed = true;
  int at = 0;
  for (; failed; ++at) {
    AskedCatalog fresh(Catalog().Build());
    query_ = srv;
    const MessageText message =
        DecodeMessage(AskShortOfMemory(&fresh.responder(), at, Shortage::kOnce, &failed));
    EXPECT_EQ(message.rcode, failed ? "SERVFAIL" : "NOERROR") << "allocation " << at;
    EXPECT_EQ(DecodeMessage(fresh.AskRaw(srv)).answer,
              Lines{"v1.web.service.consul. 0 SRV 1 1 80 n1.node.dc1.consul."});
  }
  EXPECT_GT(at, 5);
}

// Without memory for a new token's secret, the earlier one does not go on.
TEST_F(OutOfMemoryTest, ATokenThatCouldNotBeTakenOverIsTakenOverOnTheNextQuestion) {
  query_ = EncodeQuery({.name = "web.service.consul.", .type = "A", .edns = 1232, .id = 99});
  GuardedCatalog guarded(Catalog());
  guarded.AnswerWith(kReadAll);
  EXPECT_EQ(DecodeMessage(AnswerOf(&guarded.responder(), query_)).rcode, "NOERROR");
  guarded.PutToken("the secret of one that may read nothing", "");
  guarded.token().Set("the secret of one that may read nothing");
  bool failed = false;
  const std::vector<uint8_t> answer =
      AskShortOfMemory(&guarded.responder(), 0, Shortage::kOnce, &failed);
  EXPECT_TRUE(failed);
  EXPECT_EQ(DecodeMessage(answer).rcode, "SERVFAIL");
  EXPECT_EQ(DecodeMessage(AnswerOf(&guarded.responder(), query_)).rcode, "NXDOMAIN");
}

// The hot path: no memory is asked for, by `new` or by malloc (as ldns does). Nor is it where
// access is controlled and the token for DNS may read what is asked for.
TEST_F(OutOfMemoryTest, WhatIsPreparedIsAnsweredWithoutAllocating) {
  const std::vector<QueryText> queries{
      {.name = "web.service.consul.", .type = "SRV"},
      {.name = "v1.wEb.service.dc1.CONSUL.", .type = "SRV", .edns = 1232, .dnssec_ok = true},
      {.name = "_web._v1.service.consul.", .type = "SRV", .edns = 1232, .options = kSubnetOption},
      {.name = "_web._tcp.consul.", .type = "SRV"},
      {.name = "web.service.consul.", .type = "SRV", .edns = 1232, .options = kCookieOption},
      {.name = "web.service.consul.", .type = "A", .edns = 512},
      {.name = "web.service.consul.", .type = "AAAA", .edns = 4096},
      {.name = "many.service.consul.", .type = "SRV", .edns = 4096},  // truncated
      {.name = "many.service.consul.", .type = "A"},
      {.name = "n1.node.consul.", .type = "A"},
      {.name = "0a000001.addr.consul.", .type = "A"},
      {.name = "db.service.consul.", .type = "A", .edns = 1232},        // NXDOMAIN
      {.name = "v2.web.service.consul.", .type = "SRV", .edns = 1232},  // NXDOMAIN
      {.name = "nobody.node.consul.", .type = "A"},                     // NXDOMAIN
      {.name = "x.consul.", .type = "A"},                               // NXDOMAIN
      {.name = "v4.service.consul.", .type = "AAAA", .edns = 1232},     // NODATA
      {.name = "web.service.consul.", .type = "MX"},                    // NODATA
      {.name = "service.consul.", .type = "A"},                         // NODATA
      {.name = "example.com.", .type = "A", .edns = 1232},              // REFUSED
  };
  AskedCatalog asked(WideCatalog().Build());
  GuardedCatalog all(WideCatalog());
  all.AnswerWith(kReadAll);
  GuardedCatalog some(WideCatalog());
  some.AnswerWith(R"(service_prefix "" { policy = "read" } service "secret" { policy = "deny" }
                     node_prefix "" { policy = "read" })");
  for (Responder* responder : {&asked.responder(), &all.responder(), &some.responder()}) {
    for (const QueryText& query : queries) {
      SCOPED_TRACE(query.name + " " + query.type);
      query_ = EncodeQuery(query);
      const MessageText first = DecodeMessage(AnswerOf(responder, query_));
      bool failed = true;
      const std::vector<uint8_t> answer = AskShortOfMemory(responder, 0, Shortage::kOnce, &failed);
      EXPECT_FALSE(failed);
      EXPECT_EQ(mallocs_, 0u);
      const MessageText again = DecodeMessage(answer);
      EXPECT_EQ(again.rcode, first.rcode);
      EXPECT_EQ(again.answer.size(), first.answer.size());
      EXPECT_EQ(again.options, first.options);
    }
  }
  // What counts, counts: the other path allocates, with ldns by malloc.
  query_ = EncodeQuery({.name = "web.service.consul.", .type = "SOA"});
  bool failed = false;
  AskShortOfMemory(&asked.responder(), -1, Shortage::kOnce, &failed);
  EXPECT_EQ(mallocs_ > 0, ROLLCALL_COUNTS_MALLOC);
  AskShortOfMemory(&asked.responder(), 0, Shortage::kOnce, &failed);
  EXPECT_TRUE(failed);
}

}  // namespace
}  // namespace rollcall::dns
