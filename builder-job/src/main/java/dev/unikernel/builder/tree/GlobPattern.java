package dev.unikernel.builder.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * One relative pattern without braces; see {@link Glob}. It is matched character by character,
 * holding every place in the pattern that one may be at, so that no pattern takes long.
 */
final class GlobPattern {
  private final List<Token> tokens;

  private GlobPattern(List<Token> tokens) {
    this.tokens = tokens;
  }

  private sealed interface Token {
    /** One character. */
    record One(IntPredicate matches) implements Token {}

    /** Any part of a name. */
    record Star() implements Token {}

    /** Any part of a path. */
    record Deep() implements Token {}

    /** Directories, each with its slash, or none. */
    record Directories() implements Token {}
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException where it is none, with the reason
   */
  static GlobPattern of(String pattern) {
    List<Token> tokens = new ArrayList<>();
    for (int at = 0; at < pattern.length(); ) {
      int literal = pattern.codePointAt(at);
      if (pattern.startsWith("**/", at) && (at == 0 || pattern.charAt(at - 1) == '/')) {
        tokens.add(new Token.Directories());
        at += 3;
      } else if (pattern.startsWith("**", at)) {
        tokens.add(new Token.Deep());
        at += 2;
      } else if (literal == '*') {
        tokens.add(new Token.Star());
        at++;
      } else if (literal == '?') {
        tokens.add(new Token.One(c -> c != '/'));
        at++;
      } else if (literal == '[') {
        int end = closing(pattern, at);
        tokens.add(new Token.One(set(pattern.substring(at + 1, end - 1))));
        at = end;
      } else if (literal == '\\') {
        if (at + 1 == pattern.length()) {
          throw new IllegalArgumentException("a \\ ends it");
        }
        int escaped = pattern.codePointAt(at + 1);
        tokens.add(new Token.One(c -> c == escaped));
        at += 1 + Character.charCount(escaped);
      } else {
        tokens.add(new Token.One(c -> c == literal));
        at += Character.charCount(literal);
      }
    }
    return new GlobPattern(List.copyOf(tokens));
  }

  /** Behind the bracket that closes the one at {@code open}. */
  static int closing(String pattern, int open) {
    int first = open + (pattern.startsWith("!", open + 1) ? 2 : 1);
    int close = pattern.indexOf(']', first + 1);
    if (close < 0) {
      throw new IllegalArgumentException("a bracket is not closed, or empty");
    }
    return close + 1;
  }

  private static IntPredicate set(String content) {
    boolean others = content.startsWith("!");
    int[] points = content.substring(others ? 1 : 0).codePoints().toArray();
    IntPredicate any = c -> false;
    for (int i = 0; i < points.length; i++) {
      int from = points[i];
      int to = from;
      if (i + 2 < points.length && points[i + 1] == '-') {
        to = points[i + 2];
        i += 2;
      }
      int last = to;
      if (last < from) {
        throw new IllegalArgumentException("a range in brackets runs backwards");
      }
      any = any.or(c -> c >= from && c <= last);
    }
    IntPredicate listed = others ? any.negate() : any;
    return c -> c != '/' && listed.test(c);
  }

  boolean matches(String path) {
    boolean[] places = new boolean[tokens.size() + 1];
    enter(0, places);
    boolean[] next = new boolean[places.length];
    for (int i = 0; i < path.length(); i += Character.charCount(path.codePointAt(i))) {
      int c = path.codePointAt(i);
      Arrays.fill(next, false);
      for (int place = 0; place < tokens.size(); place++) {
        if (places[place]) {
          step(place, c, next);
        }
      }
      boolean[] old = places;
      places = next;
      next = old;
    }
    return places[tokens.size()];
  }

  private void step(int place, int c, boolean[] next) {
    switch (tokens.get(place)) {
      case Token.One(IntPredicate matches) -> {
        if (matches.test(c)) {
          enter(place + 1, next);
        }
      }
      case Token.Star() -> {
        if (c != '/') {
          enter(place, next);
        }
      }
      case Token.Deep() -> enter(place, next);
      case Token.Directories() -> {
        next[place] = true;
        if (c == '/') {
          enter(place + 1, next);
        }
      }
    }
  }

  /** Marks a place, and those behind wildcards that may match nothing. */
  private void enter(int place, boolean[] places) {
    places[place] = true;
    for (int at = place; at < tokens.size() && !(tokens.get(at) instanceof Token.One); at++) {
      places[at + 1] = true;
    }
  }
}
