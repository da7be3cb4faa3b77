// What changes of access control go through: one after another, and again when somebody was faster.
#include "api/acl/acl_change.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "api/acl/turnstile.h"
#include "api/reply.h"
#include "tests/api/acl_fixture.h"
#include "tests/api/answered_exchange.h"
#include "tests/api/shared_api_fixture.h"

namespace rollcall::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(TurnstileTest, LetsOneThroughAtATimeInOrder) {
  Turnstile turnstile;
  std::vector<int> went;
  std::vector<Turnstile::Turn> turns(3);
  for (int i = 0; i < 3; ++i) {
    turnstile.Enter([&went, &turns, i](Turnstile::Turn turn) {
      went.push_back(i);
      turns[static_cast<size_t>(i)] = std::move(turn);
    });
  }
  EXPECT_THAT(went, ElementsAre(0));
  turns[0].reset();
  EXPECT_THAT(went, ElementsAre(0, 1));
  const Turnstile::Turn copy = turns[1];
  turns[1].reset();
  EXPECT_THAT(went, ElementsAre(0, 1));
  turns[2] = nullptr;
}

TEST(TurnstileTest, WhoDropsHisTurnAtOnceHoldsNobodyUp) {
  Turnstile turnstile;
  Turnstile::Turn first;
  turnstile.Enter([&first](Turnstile::Turn turn) { first = std::move(turn); });
  int count = 0;
  for (int i = 0; i < 100; ++i) turnstile.Enter([&count](const Turnstile::Turn&) { ++count; });
  EXPECT_EQ(count, 0);
  first.reset();
  EXPECT_EQ(count, 100);
  turnstile.Enter([&count](const Turnstile::Turn&) { ++count; });
  EXPECT_EQ(count, 101);
}

TEST(TurnstileTest, NobodyGetsATurnOnceItIsClosed) {
  Turnstile turnstile;
  Turnstile::Turn first;
  turnstile.Enter([&first](Turnstile::Turn turn) { first = std::move(turn); });
  const auto held = std::make_shared<int>(0);
  turnstile.Enter([held](const Turnstile::Turn&) { ++*held; });
  turnstile.Close();
  EXPECT_EQ(held.use_count(), 1);
  first.reset();
  turnstile.Enter([held](const Turnstile::Turn&) { ++*held; });
  EXPECT_EQ(*held, 0);
}

TEST(TurnstileTest, OfManyThreadsOneIsInsideAtATime) {
  Turnstile turnstile;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::atomic<int> went{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        turnstile.Enter([&](const Turnstile::Turn&) {
          most = std::max(most.load(), ++inside);
          --inside;
          ++went;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(went, 800);
  EXPECT_EQ(most, 1);
}

class AclChangeTest : public AclApiTest {
 protected:
  http::Response Change(MakeAclDraft make) {
    std::promise<http::Response> promise;
    auto answer = promise.get_future();
    auto exchange = std::make_shared<AnsweredExchange>(loop(), std::move(promise));
    OnWorker([&] {
      ChangeAccess(worker(), exchange, nullptr, std::move(make));
      return true;
    });
    return answer.get();
  }
  // What another server's client does meanwhile.
  void ChangeBehindItsBack(int n) {
    catalog().Submit(
        model::ChangeAcl{
            catalog().snapshots().Get()->acl_index(),
            {acl::WritePolicy({"eeeeeeee-0000-4000-8000-00000000000" + std::to_string(n % 10),
                               "p" + std::to_string(n % 10),
                               std::to_string(n),
                               "",
                               {}})},
            {}},
        [](const Result<catalog::Written>&) {});
  }
  static AclDraft DraftOf(const std::string& description) {
    AclDraft draft;
    acl::Role role;
    role.id = "cccccccc-0000-4000-8000-000000000001";
    role.name = "r";
    role.description = description;
    draft.put = {acl::WriteRole(role)};
    draft.answer = [](const acl::Directory& directory, Index at) {
      return http::TextResponse(200, directory.roles().FindByName("r")->object.description + " " +
                                         std::to_string(at.value()));
    };
    return draft;
  }
};

TEST_F(AclChangeTest, IsMadeAgainWhenSomebodyWasFaster) {
  int looked = 0;
  const http::Response answer =
      Change([&](const acl::Directory& directory, const catalog::Snapshot&) -> Result<AclDraft> {
        // The snapshot that was looked at is not the one that the change meets.
        if (++looked <= 3) ChangeBehindItsBack(looked);
        return DraftOf(directory.policies().FindByName("p3") == nullptr ? "too early" : "made");
      });
  EXPECT_GE(looked, 4);
  EXPECT_EQ(answer.body.view(),
            "made " + std::to_string(catalog().snapshots().Get()->acl_index().value()));
}

TEST_F(AclChangeTest, GivesUpWhenSomebodyIsAlwaysFaster) {
  int looked = 0;
  const http::Response answer =
      Change([&](const acl::Directory&, const catalog::Snapshot&) -> Result<AclDraft> {
        ChangeBehindItsBack(++looked);
        return DraftOf("never");
      });
  EXPECT_EQ(looked, kMaxAclAttempts);
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(std::string(answer.body.view()), HasSubstr("try again"));
  EXPECT_THAT(worker().DirectoryOf(*catalog().snapshots().Get()).roles().all(), IsEmpty());
  // It has let the next one in.
  EXPECT_EQ(PutAcl("policy", {{"Name", "next"}}).status, 200);
}

TEST_F(AclChangeTest, WhatCannotBeDraftedChangesNothing) {
  const Index before = catalog().snapshots().Get()->acl_index();
  const http::Response answer =
      Change([](const acl::Directory&, const catalog::Snapshot&) -> Result<AclDraft> {
        return InvalidArgument("no");
      });
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body.view(), "no");
  EXPECT_EQ(catalog().snapshots().Get()->acl_index(), before);
}

class AclChangeSharedTest : public SharedApiTest {};

TEST_F(AclChangeSharedTest, WhatAnotherServerHasAcknowledgedIsNotMissed) {
  catalog::Catalog::Options options;
  options.shared.id = "another";
  auto other = catalog::Catalog::OpenShared(std::make_unique<catalog::MemoryLog>(disk()), clock(),
                                            std::move(options));
  ASSERT_TRUE(other) << other.error().message;
  log().Hold();
  ASSERT_TRUE(
      (*other)->SubmitAndWait(model::ChangeAcl{(*other)->snapshots().Get()->acl_index(),
                                               {acl::WritePolicy({kNobody, "web", "", "", {}})},
                                               {}}));

  std::promise<http::Response> promise;
  auto answer = promise.get_future();
  auto exchange = std::make_shared<AnsweredExchange>(loop(), std::move(promise));
  int looked = 0;
  OnWorker([&] {
    ChangeAccess(
        worker(), exchange, nullptr,
        [&looked](const acl::Directory& directory, const catalog::Snapshot&) -> Result<AclDraft> {
          ++looked;
          if (directory.policies().FindByName("web") == nullptr) return NotFound("none");
          AclDraft draft;
          draft.answer = [](const acl::Directory&, Index) {
            return http::TextResponse(200, "found");
          };
          return draft;
        });
    return true;
  });
  // Its turn may come a moment later. It has looked then, and what it found is not told.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto has_looked = [&] { return OnWorker([&looked] { return looked; }); };
  while (has_looked() == 0 && std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  EXPECT_EQ(has_looked(), 1);
  log().Release();
  EXPECT_EQ(answer.get().body.view(), "found");
  EXPECT_GE(looked, 2);
  (*other)->Stop();
}

}  // namespace
}  // namespace rollcall::api
