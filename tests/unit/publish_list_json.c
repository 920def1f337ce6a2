/* list_json.c; what it makes is read by jansson. */
#include "publish_list.h"
#include <jansson.h>

static const struct list_row rows[] = {
    {"192.0.2.1", "a,b", 3600},
    {"192.0.2.2", "", 1},
    {"192.0.2.3", "x\"},\n{\"address\":\"0.0.0.0/0\"}\\,\xff\x01", 600},
    {"2001:db8::", "early-talk", 691320},
    {0},
};

int main(void) {
  const struct list_form *form = list_form(list_json_forms, "listings.jsonl");
  is_text(list_of(form, rows),
          "{\"address\":\"192.0.2.1\",\"until\":\"2026-11-29T20:20:00Z\",\"last\":\"2026-11-29T18:"
          "50:00Z\",\"detectors\":\"2-4\",\"sins\":[\"a\",\"b\"]}\n"
          "{\"address\":\"192.0.2.2\",\"until\":\"2026-11-29T19:20:00Z\",\"last\":\"2026-11-29T18:"
          "50:00Z\",\"detectors\":\"2-4\",\"sins\":[]}\n"
          "{\"address\":\"192.0.2.3\",\"until\":\"2026-11-29T19:30:00Z\",\"last\":\"2026-11-29T18:"
          "50:00Z\",\"detectors\":\"2-4\",\"sins\":[\"x\",\"address00000\"]}\n"
          "{\"address\":\"2001:db8::/64\",\"until\":\"2026-12-07T19:20:00Z\",\"last\":\"2026-11-"
          "29T18:50:00Z\",\"detectors\":\"2-4\",\"sins\":[\"early-talk\"]}\n",
          "rows");
  ok(list_text.count == 4, "their number");
  is_text(list_of(form, rows + 4), "", "an empty list");
  list_check_head(form);
  is_text(list_head(form, 3),
          "{\"list\":\"sinbin\",\"serial\":7,\"time\":\"2026-11-29T19:20:00Z\",\"count\":         "
          "3}\n",
          "the head");

  char sins[2001];
  for (size_t i = 0; i < 2000; i++) sins[i] = i % 10 == 9 ? ',' : 'a';
  sins[2000] = '\0';
  const struct list_row many[] = {{"192.0.2.1", sins, 3600}, {0}};
  struct span made = list_of(form, many);
  json_t *object = json_loadb(made.s, made.len, 0, NULL);
  json_t *array = json_object_get(object, "sins");
  size_t n = json_array_size(array);
  ok(n == 30 && strcmp(json_string_value(json_array_get(array, n - 1)), "...") == 0,
     "many sins are cut, and the line is still an object");
  json_decref(object);
  free(list_made);
  return done();
}
