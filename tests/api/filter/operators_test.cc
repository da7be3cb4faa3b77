// Each operator on each kind of field.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/api/filter/samples.h"

namespace rollcall::api::filter {
namespace {

struct Case {
  std::string_view text;
  std::string_view answer;
};

template <typename Record>
void ExpectAnswers(const Record& record, std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(Ask(c.text, record), c.answer) << c.text;
}

TEST(FilterOperatorTest, ComparesTexts) {
  ExpectAnswers(SampleInstance(),
                {
                    {"Service == api", "yes"},
                    {"Service == API", "no"},
                    {"Service == ap", "no"},
                    {"Service != api", "no"},
                    {"Service != db", "yes"},
                    {"Service contains p", "yes"},
                    {"Service contains \"\"", "yes"},
                    {"ap in Service", "yes"},
                    {"x in Service", "no"},
                    {"x not in Service", "yes"},
                    {"Service not contains p", "no"},
                    {"Address == 10.0.0.8", "1:16 (15): rule \"number\": Invalid number literal"},
                    {"Address == \"10.0.0.8\"", "yes"},
                });
}

TEST(FilterOperatorTest, MatchesAnywhereInATextUnlessAnchored) {
  ExpectAnswers(SampleInstance(), {
                                      {"ID matches \"^api-[0-9]+$\"", "yes"},
                                      {"ID matches p", "yes"},
                                      {"ID matches \"^pi\"", "no"},
                                      {"ID not matches \"^pi\"", "yes"},
                                      {"ID not matches p", "no"},
                                      {"ID matches \"(?i)API\"", "yes"},
                                      {"ID matches `\\d`", "yes"},
                                      {"ID matches `^(?P<name>\\pL+)-`", "yes"},
                                      {"ID matches \"\"", "yes"},
                                  });
  ExpectAnswers(SampleCheck(), {
                                   {"Output matches \"slow$\"", "yes"},
                                   {"Output matches \"^very\"", "no"},  // only the text's own start
                                   {"Output matches \"(?m)^very\"", "yes"},
                                   {"Output matches \"slow.very\"", "no"},
                                   {"Output matches \"(?s)slow.very\"", "yes"},
                               });
}

TEST(FilterOperatorTest, ComparesNumbers) {
  ExpectAnswers(SampleInstance(), {
                                      {"Port == 8080", "yes"},
                                      {"Port == \"8080\"", "yes"},
                                      {"Port == \"0x1F90\"", "yes"},
                                      {"Port != 8080", "no"},
                                      {"Port == 80", "no"},
                                      {"Port == -8080", "no"},
                                      {"Port != 80", "yes"},
                                      {"Port == 4294975376", "no"},  // 8080 + 2^32
                                  });
}

TEST(FilterOperatorTest, ComparesFlags) {
  ExpectAnswers(SampleInstance(), {
                                      {"EnableTagOverride == true", "yes"},
                                      {"EnableTagOverride == 1", "yes"},
                                      {"EnableTagOverride == False", "no"},
                                      {"EnableTagOverride != true", "no"},
                                      {"EnableTagOverride != f", "yes"},
                                  });
}

TEST(FilterOperatorTest, LooksIntoLists) {
  ExpectAnswers(SampleInstance(), {
                                      {"\"eu\" in Tags", "yes"},
                                      {"Tags contains v2", "yes"},
                                      {"Tags contains v", "no"},  // a whole tag, not a part
                                      {"Tags contains EU", "no"},
                                      {"eu not in Tags", "no"},
                                      {"us not in Tags", "yes"},
                                      {"Tags is empty", "no"},
                                      {"Tags is not empty", "yes"},
                                      {"Tags.0 == eu", "yes"},
                                      {"Tags.1 matches \"^v\"", "yes"},
                                      {"\"/Tags/1\" == v2", "yes"},
                                      {"Tags[\"0\"] != eu", "no"},
                                  });
  ExpectAnswers(model::Instance(), {
                                       {"\"eu\" in Tags", "no"},
                                       {"eu not in Tags", "yes"},
                                       {"Tags is empty", "yes"},
                                       {"Tags is not empty", "no"},
                                   });
}

TEST(FilterOperatorTest, LooksIntoMaps) {
  ExpectAnswers(SampleInstance(), {
                                      {"version in Meta", "yes"},
                                      {"Meta contains vers", "no"},
                                      {"\"2.1\" in Meta", "no"},  // keys, not values
                                      {"nope not in Meta", "yes"},
                                      {"Meta is empty", "no"},
                                      {"Meta is not empty", "yes"},
                                      {"Meta.version == \"2.1\"", "yes"},
                                      {"Meta[\"version\"] contains \".\"", "yes"},
                                      {"\"/Meta/version\" matches `^2\\.`", "yes"},
                                      {"Meta.empty == \"\"", "yes"},
                                      {"wan in TaggedAddresses", "yes"},
                                      {"TaggedAddresses contains lan", "no"},
                                      {"TaggedAddresses is not empty", "yes"},
                                      {"TaggedAddresses.wan.Address == \"192.0.2.8\"", "yes"},
                                      {"TaggedAddresses.wan.Port == 443", "yes"},
                                      {"TaggedAddresses.wan.Port != 443", "no"},
                                  });
  ExpectAnswers(model::Instance(), {
                                       {"Meta is empty", "yes"},
                                       {"TaggedAddresses is empty", "yes"},
                                       {"x in Meta", "no"},
                                   });
}

TEST(FilterOperatorTest, TakesAMissingKeyForNothing) {
  ExpectAnswers(SampleInstance(), {
                                      {"Meta.nope == \"\"", "no"},
                                      {"Meta.nope == x", "no"},
                                      {"Meta.nope != x", "yes"},
                                      {"Meta.nope != \"\"", "yes"},
                                      {"x in Meta.nope", "no"},
                                      {"\"\" in Meta.nope", "no"},
                                      {"x not in Meta.nope", "yes"},
                                      {"Meta.nope matches \"\"", "no"},
                                      {"Meta.nope not matches \"\"", "yes"},
                                      {"not Meta.nope == x", "yes"},
                                      {"TaggedAddresses.nope.Port == 443", "no"},
                                      {"TaggedAddresses.nope.Port != 443", "yes"},
                                      {"Tags.2 == eu", "no"},
                                      {"Tags.2 != eu", "yes"},
                                      {"Tags.99999999999999999999 != eu", "yes"},
                                      {"Proxy.Upstreams.0.Datacenter == \"\"", "no"},
                                      {"Proxy.Upstreams.0.Datacenter != \"\"", "yes"},
                                  });
}

TEST(FilterOperatorTest, AsksAnyRecordOfAList) {
  const auto entry = SampleEntry();
  ExpectAnswers(HealthRecord{entry, "dc1"},
                {
                    {"Checks.Status == passing", "yes"},
                    {"Checks.Status == warning", "yes"},
                    {"Checks.Status == critical", "no"},
                    {"Checks.Status contains pass", "yes"},
                    {"Checks.Status != passing", "yes"},     // the other one is not
                    {"not Checks.Status == passing", "no"},  // which is another question
                    {"Checks.Status matches \"^w\"", "yes"},
                    {"Checks.ServiceTags contains eu", "yes"},
                    {"Checks.ServiceTags is empty", "yes"},
                    {"Checks is empty", "no"},
                    {"Checks is not empty", "yes"},
                    {"Checks.0.CheckID == serfHealth", "yes"},
                    {"Checks.1.CheckID == serfHealth", "no"},
                    {"\"/Checks/1/Status\" == warning", "yes"},
                    {"Checks.2.Status == passing", "no"},
                    {"Checks.2.Status != passing", "yes"},
                    {"Checks.1.ServiceTags.0 == eu", "yes"},
                });
  ExpectAnswers(SampleInstance(), {
                                      {"Proxy.Upstreams is empty", "yes"},
                                      {"Proxy.Upstreams.Datacenter == dc1", "no"},
                                      {"Proxy.Upstreams.Datacenter != dc1", "no"},  // of none
                                  });
}

TEST(FilterOperatorTest, RefusesWhatAKindDoesNotKnow) {
  ExpectAnswers(
      SampleInstance(),
      {
          {"Service is empty", "Invalid match operator \"Is Empty\" for selector \"Service\""},
          {"Meta.nope is not empty",
           "Invalid match operator \"Is Not Empty\" for selector \"Meta.nope\""},
          {"Port contains 80", "Invalid match operator \"In\" for selector \"Port\""},
          {"80 not in Port", "Invalid match operator \"Not In\" for selector \"Port\""},
          {"Port matches 80", "Invalid match operator \"Matches\" for selector \"Port\""},
          {"Port is empty", "Invalid match operator \"Is Empty\" for selector \"Port\""},
          {"EnableTagOverride not matches x",
           "Invalid match operator \"Not Matches\" for selector \"EnableTagOverride\""},
          {"Tags == eu", "Invalid match operator \"Equal\" for selector \"Tags\""},
          {"Tags matches eu", "Invalid match operator \"Matches\" for selector \"Tags\""},
          {"Tags.0 is empty", "Invalid match operator \"Is Empty\" for selector \"Tags.0\""},
          {"Meta != x", "Invalid match operator \"Not Equal\" for selector \"Meta\""},
          {"Weights == 1", "Invalid match operator \"Equal\" for selector \"Weights\""},
          {"Weights is empty", "Invalid match operator \"Is Empty\" for selector \"Weights\""},
          {"TaggedAddresses.wan is empty",
           "Invalid match operator \"Is Empty\" for selector \"TaggedAddresses.wan\""},
          {"Proxy.Upstreams contains x",
           "Invalid match operator \"In\" for selector \"Proxy.Upstreams\""},
          {"\"/Meta/a~1b\" is empty",
           "Invalid match operator \"Is Empty\" for selector \"/Meta/a~1b\""},
      });
}

TEST(FilterOperatorTest, RefusesValuesThatAFieldCannotHave) {
  ExpectAnswers(
      SampleInstance(),
      {
          {"Port == http",
           "Failed to coerce value \"http\" for selector \"Port\": strconv.ParseInt: parsing "
           "\"http\": invalid syntax"},
          {"Port != 80.5",
           "Failed to coerce value \"80.5\" for selector \"Port\": strconv.ParseInt: parsing "
           "\"80.5\": invalid syntax"},
          {"Weights.Passing == 99999999999999999999",
           "Failed to coerce value \"99999999999999999999\" for selector \"Weights.Passing\": "
           "strconv.ParseInt: parsing \"99999999999999999999\": value out of range"},
          {"EnableTagOverride == yes",
           "Failed to coerce value \"yes\" for selector \"EnableTagOverride\": "
           "strconv.ParseBool: parsing \"yes\": invalid syntax"},
          {"Service matches \"a[\"",
           "Failed to compile regular expression \"a[\" for selector \"Service\": error parsing "
           "regexp: missing closing ]: `[`"},
          {"Service matches \"a)\"",
           "Failed to compile regular expression \"a)\" for selector \"Service\": error parsing "
           "regexp: unexpected ): `a)`"},
          {"Service matches `(?P<n`",
           "Failed to compile regular expression \"(?P<n\" for selector \"Service\": error "
           "parsing regexp: invalid named capture: `(?P<n`"},
          {"Service not matches \"*\"",
           "Failed to compile regular expression \"*\" for selector \"Service\": error parsing "
           "regexp: missing argument to repetition operator: `*`"},
          {"Service matches `(a)\\1`",
           "Failed to compile regular expression \"(a)\\\\1\" for selector \"Service\": error "
           "parsing regexp: invalid escape sequence: `\\1`"},
      });
}

}  // namespace
}  // namespace rollcall::api::filter
