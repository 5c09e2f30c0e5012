package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class ViewsTest {
  @Test
  void publicViewIsNumberZero() {
    Views views = new Views();

    assertThat(views.number("public")).isZero();
    assertThat(views.name(0)).isEqualTo("public");
  }

  @Test
  void newNameGetsTheNextNumberAndKeepsIt() {
    Views views = new Views();

    assertThat(views.number("acme/inside")).isEqualTo(1);
    assertThat(views.number("other")).isEqualTo(2);
    assertThat(views.number("acme/inside")).isEqualTo(1);
    assertThat(views.number("ACME/inside")).as("names are not folded").isEqualTo(3);
    assertThat(views.name(2)).isEqualTo("other");
    assertThatThrownBy(() -> views.name(4)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void nameHas1To200Characters() {
    Views views = new Views();

    assertThat(views.number("v".repeat(200))).isEqualTo(1);
    assertThatThrownBy(() -> views.number("v".repeat(201)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 200 characters");
    assertThatThrownBy(() -> views.number("")).hasMessageContaining("1 to 200 characters");
    assertThat(views.number("next")).isEqualTo(2);
  }

  @Test
  void viewsHaveABound() {
    Views views = new Views();
    for (int i = 1; i < Views.MAX_VIEWS; i++) {
      views.number(Integer.toString(i));
    }

    assertThatThrownBy(() -> views.number("one more"))
        .hasMessage("there are more than 1048576 views");
    assertThat(views.number("7")).isEqualTo(7);
  }
}
