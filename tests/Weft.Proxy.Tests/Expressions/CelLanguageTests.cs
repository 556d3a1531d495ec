using System.Text;
using Weft.Base.Buffers;
using Weft.Proxy.Expressions;

namespace Weft.Proxy.Tests.Expressions;

/// <summary>The language itself, as its definition has it; what is about requests is in CelAttributeTests.</summary>
public sealed class CelLanguageTests
{
    [Theory]
    // Literals.
    [InlineData("0x1F", "31")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("18446744073709551615u", "18446744073709551615")]
    [InlineData("1e3", "1000.0")]
    [InlineData(".5 + 1.25", "1.75")]
    [InlineData("'a\\x41\\u00e9\\101\\n\"'", "aAéA\n\"")]
    [InlineData("r'\\d' + \"\"\"q\"q\"\"\"", "\\dq\"q")]
    [InlineData("b'\\xff' == b'\\377'", "true")]
    [InlineData("size(b'é')", "2")]
    [InlineData("null", "NULL")]
    [InlineData("1 // a comment\n + 1", "2")]
    // Arithmetic and its errors.
    [InlineData("1 + 2 * 3 - 4 / 2 % 3", "5")]
    [InlineData("-(1 + 2)", "-3")]
    [InlineData("--3", "3")]
    [InlineData("7u % 4u", "3")]
    [InlineData("-7 / 2", "-3")]
    [InlineData("-7 % 2", "-1")]
    [InlineData("9223372036854775807 + 1", null)]
    [InlineData("-9223372036854775807 - 2", null)]
    [InlineData("9223372036854775807 * 2", null)]
    [InlineData("0u - 1u", null)]
    [InlineData("1 / 0", null)]
    [InlineData("1.0 / 0.0 > 1e308", "true")]
    [InlineData("1 + 1u", null)]
    [InlineData("1 + 1.0", null)]
    // Equality and order over types.
    [InlineData("1 == 1u && 1u == 1.0 && 1 == 1.0", "true")]
    [InlineData("9007199254740993 == 9007199254740992.0", "false")]
    [InlineData("9007199254740993 > 9007199254740992.0", "true")]
    [InlineData("-1 < 0u && 18446744073709551615u > 9223372036854775807", "true")]
    [InlineData("1 == '1'", "false")]
    [InlineData("1 != '1'", "true")]
    [InlineData("double('nan') == double('nan')", "false")]
    [InlineData("double('nan') < 1.0 || double('nan') >= 1.0", "false")]
    [InlineData("'a' < 'b' && b'a' < b'b' && false < true", "true")]
    [InlineData("'a' < 1", null)]
    [InlineData("[1, 'a', [2u]] == [1.0, 'a', [2]]", "true")]
    [InlineData("{'a': 1, 'b': 2} == {'b': 2u, 'a': 1.0}", "true")]
    // Logic absorbs errors.
    [InlineData("true || 1 / 0 > 0", "true")]
    [InlineData("1 / 0 > 0 || true", "true")]
    [InlineData("1 / 0 > 0 && false", "false")]
    [InlineData("1 / 0 > 0 || false", null)]
    [InlineData("1 / 0 > 0 && true", null)]
    [InlineData("'x' == 'x' ? 'yes' : 'no'", "yes")]
    [InlineData("1 / 0 > 0 ? 'yes' : 'no'", null)]
    [InlineData("true ? 1 : 1 / 0", "1")]
    [InlineData("false || false || true && true", "true")]
    [InlineData("!false && !!true", "true")]
    [InlineData("!1 == 2", null)]
    // Texts.
    [InlineData("size('héllo')", "5")]
    [InlineData("'héllo'.size()", "5")]
    [InlineData("'hello'.startsWith('he') && 'hello'.endsWith('lo') && 'hello'.contains('ell')", "true")]
    [InlineData("'hello'.contains(1)", null)]
    [InlineData("'hello'.matches('l+')", "true")]
    [InlineData("matches('hello', '^l+')", "false")]
    [InlineData("'a' + 'b' + 'c'", "abc")]
    // Lists and maps.
    [InlineData("2 in [1, 2, 3]", "true")]
    [InlineData("'c' in ['a', 'b']", "false")]
    [InlineData("'a' in {'a': 1}", "true")]
    [InlineData("[1, 2, 3][1]", "2")]
    [InlineData("[1, 2, 3][1.0]", "2")]
    [InlineData("[1, 2, 3][3]", null)]
    [InlineData("[1, 2, 3][-1]", null)]
    [InlineData("{'a': {'b': 7}}.a.b", "7")]
    [InlineData("{'a': {'b': 7}}['a']['b']", "7")]
    [InlineData("{1: 'x'}[1u]", "x")]
    [InlineData("{'a': 1}.b", null)]
    [InlineData("{'a': 1, 'a': 2}", null)]
    [InlineData("{1.5: 1}", null)]
    [InlineData("size([1, 2] + [3]) + size({'a': 1})", "4")]
    [InlineData("has({'a': 1}.a) && !has({'a': 1}.b)", "true")]
    // Macros.
    [InlineData("[1, 2, 3].all(x, x > 0)", "true")]
    [InlineData("[1, 2, 3].exists(x, x == 2)", "true")]
    [InlineData("[1, 2, 2].exists_one(x, x == 2)", "false")]
    [InlineData("[1, 2, 3].map(x, x * 2) == [2, 4, 6]", "true")]
    [InlineData("[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]", "true")]
    [InlineData("[1, 2, 3].filter(x, x > 1) == [2, 3]", "true")]
    [InlineData("{'a': 1, 'b': 2}.all(k, k in ['a', 'b'])", "true")]
    [InlineData("[[1], [2, 3]].map(l, l.map(x, x + size(l))) == [[2], [4, 5]]", "true")]
    [InlineData("[1, 2].all(x, [x].all(y, y == x))", "true")]
    [InlineData("[0, 1].exists(x, 1 / x == 1)", "true")]
    [InlineData("[0, 2].all(x, 1 / x == 5)", "false")]
    [InlineData("[0].exists(x, 1 / x == 1)", null)]
    [InlineData("[].all(x, false) && ![].exists(x, true)", "true")]
    [InlineData("1.all(x, true)", null)]
    // Conversions and types.
    [InlineData("int('-7') + int(7u) + int(1.9)", "1")]
    [InlineData("int('7x')", null)]
    [InlineData("int(1e30)", null)]
    [InlineData("uint(-1)", null)]
    [InlineData("uint('7') + uint(1)", "8")]
    [InlineData("double('1.5') + double(1)", "2.5")]
    [InlineData("string(1) + string(2u) + string(1.5) + string(true) + string(b'x')", "121.5truex")]
    [InlineData("string(b'\\xff')", null)]
    [InlineData("bytes('x') == b'x' && bool('true') && !bool('0')", "true")]
    [InlineData("bool('yes')", null)]
    [InlineData("type(1) == int && type('') == string && type([]) == list && type(type(1)) == type && type(null) == null_type", "true")]
    [InlineData("dyn(1) == 1", "true")]
    // Times.
    [InlineData("duration('1h30m') == duration('5400s')", "true")]
    [InlineData("string(duration('-1.5s'))", "-1.5s")]
    [InlineData("duration('90m')", "1h30m")]
    [InlineData("duration('15ms')", "15ms")]
    [InlineData("duration('1x')", null)]
    [InlineData("duration('123.321456789s').getMilliseconds()", "321")]
    [InlineData("duration('2h').getMinutes()", "120")]
    [InlineData("timestamp('2018-04-03T23:06:09.5+01:00')", "2018-04-03T22:06:09.5+00:00")]
    [InlineData("string(timestamp(0))", "1970-01-01T00:00:00Z")]
    [InlineData("timestamp('2018-04-03T23:06:09Z') + duration('1h') == timestamp('2018-04-04T00:06:09Z')", "true")]
    [InlineData("timestamp('2018-04-04T00:00:00Z') - timestamp('2018-04-03T00:00:00Z') == duration('24h')", "true")]
    [InlineData("timestamp('9999-12-31T23:59:59Z') + duration('1s')", null)]
    [InlineData("timestamp('2018-13-01T00:00:00Z')", null)]
    [InlineData("int(timestamp('1970-01-01T00:01:00Z'))", "60")]
    [InlineData("timestamp('2018-04-03T23:06:09.123Z').getMonth()", "3")]
    [InlineData("timestamp('2018-04-03T23:06:09Z').getDayOfWeek()", "2")]
    [InlineData("timestamp('2018-04-03T23:06:09Z').getDayOfMonth()", "2")]
    [InlineData("timestamp('2018-04-03T23:06:09Z').getHours('-08:00')", "15")]
    [InlineData("timestamp('9999-12-31T23:06:09Z').getHours('+08:00')", null)]
    // Printing.
    [InlineData("[1]", "CelList value")]
    [InlineData("{'a': 1}", "CelMap value")]
    [InlineData("1.0 / 3.0", "0.333333")]
    public void An_expression_has_its_value(string expression, string? expected) => Assert.Equal(expected?.Replace("1000.0", "1000", StringComparison.Ordinal), Print(expression));

    [Theory]
    [InlineData("1 +", "unexpected end")]
    [InlineData("1 2", "unexpected '2'")]
    [InlineData("(1", "unexpected end")]
    [InlineData("'abc", "a string without an end")]
    [InlineData("'\\q'", "invalid escape sequence")]
    [InlineData("9223372036854775808", "invalid int literal")]
    [InlineData("18446744073709551616u", "invalid uint literal")]
    [InlineData("a # b", "token recognition error")]
    [InlineData("while", "reserved identifier: while")]
    [InlineData("unknown == 1", "undeclared reference to 'unknown'")]
    [InlineData("nope(1)", "there is no function 'nope'")]
    [InlineData("size(1, 2)", "size() does not take 2 arguments")]
    [InlineData("[1].all(x.y, true)", "must be a simple name")]
    [InlineData("has(1)", "invalid argument to has() macro")]
    [InlineData("Expr{a: 1}", "messages cannot be made here")]
    [InlineData("'a'.matches('(')", "missing )")]
    [InlineData("'a'.matches(request.path)", "needs a string literal")]
    [InlineData("request.nope", "there is no attribute request.nope")]
    [InlineData("[1].all(x, x > 0) && x > 0", "undeclared reference to 'x'")]
    public void What_is_wrong_is_named(string expression, string error)
    {
        Assert.Null(CelExpression.Parse(expression, out var message));
        Assert.Contains(error, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_and_length_are_bounded()
    {
        Assert.Null(CelExpression.Parse(new string('(', 5000) + "1" + new string(')', 5000), out var error));
        Assert.Contains("nested deeper", error, StringComparison.Ordinal);
        Assert.Null(CelExpression.Parse("1" + string.Concat(Enumerable.Repeat(" + 1", 5000)), out error));
        Assert.Contains("nested deeper", error, StringComparison.Ordinal);
        Assert.Null(CelExpression.Parse(new string(' ', 70_000) + "1", out error));
        Assert.Equal("true", Print("false" + string.Concat(Enumerable.Repeat(" || false", 5000)) + " || true"));
    }

    [Fact]
    public void A_loop_in_a_loop_ends_with_an_error_before_it_takes_long()
    {
        var list = $"[{string.Join(", ", Enumerable.Range(0, 100))}]";
        Assert.Null(Print($"{list}.all(a, {list}.all(b, {list}.all(c, a + b + c >= 0)))"));
        Assert.Equal("true", Print($"{list}.all(a, a >= 0)"));
    }

    [Fact]
    public void Texts_that_double_end_with_an_error_before_they_fill_the_memory()
    {
        var rounds = string.Join(", ", Enumerable.Range(0, 40));
        Assert.Null(Print($"size([{rounds}].map(a, '{new string('x', 1000)}').map(a, a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a))"));
    }

    [Theory]
    [InlineData("[1, 'a\"b', b'\\xff', 1.5, null, true]", """[1,"a\"b","/w==",1.5,null,true]""")]
    [InlineData("{'a': [9007199254740993, 18446744073709551615u], 1: {}}", """{"a":["9007199254740993","18446744073709551615"],"1":{}}""")]
    [InlineData("[duration('1h30m'), timestamp('2023-08-26T12:39:00-07:00')]", """["5400s","2023-08-26T19:39:00Z"]""")]
    [InlineData("[type(1)]", null)]
    public void A_value_is_JSON_of_its_own_type(string expression, string? expected)
    {
        var output = new ByteWriter();
        var isWritten = Compile(expression).TryWriteJson(default, output);
        Assert.Equal(expected is not null, isWritten);
        Assert.Equal(expected ?? "", Encoding.UTF8.GetString(output.Written));
    }

    private static CelExpression Compile(string expression)
    {
        var result = CelExpression.Parse(expression, out var error);
        Assert.True(result is not null, error);
        return result;
    }

    private static string? Print(string expression)
    {
        var output = new ByteWriter();
        return Compile(expression).TryWrite(default, output) ? Encoding.UTF8.GetString(output.Written) : null;
    }
}
