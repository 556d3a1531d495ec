using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Validate;

namespace Weft.Config.Rules;

/// <summary>Tests text: length, parts, pattern, lists, and the well-known forms (address, host name, header name ...).</summary>
internal static partial class StringRule
{
    internal static ValueRule Compile(StringRules rules)
    {
        List<Func<string, string?>> tests = [];
        AddLengths(tests, rules);
        AddParts(tests, rules);
        AddLists(tests, rules);
        AddWellKnown(tests, rules);
        return value =>
        {
            foreach (var test in tests)
                if (test((string)value) is { } wrong) return wrong;
            return null;
        };
    }

    private static void AddLengths(List<Func<string, string?>> tests, StringRules rules)
    {
        if (rules.HasLen) tests.Add(s => Length(s) == rules.Len ? null : $"value length must be {rules.Len} characters");
        if (rules.HasMinLen) tests.Add(s => Length(s) >= rules.MinLen ? null : $"value length must be at least {rules.MinLen} characters");
        if (rules.HasMaxLen) tests.Add(s => Length(s) <= rules.MaxLen ? null : $"value length must be at most {rules.MaxLen} characters");
        if (rules.HasLenBytes) tests.Add(s => Bytes(s) == rules.LenBytes ? null : $"value length must be {rules.LenBytes} bytes");
        if (rules.HasMinBytes) tests.Add(s => Bytes(s) >= rules.MinBytes ? null : $"value length must be at least {rules.MinBytes} bytes");
        if (rules.HasMaxBytes) tests.Add(s => Bytes(s) <= rules.MaxBytes ? null : $"value length must be at most {rules.MaxBytes} bytes");
    }

    private static void AddParts(List<Func<string, string?>> tests, StringRules rules)
    {
        if (rules.HasConst) tests.Add(s => s == rules.Const ? null : $"value must equal \"{rules.Const}\"");
        if (rules.HasPrefix) tests.Add(s => s.StartsWith(rules.Prefix, StringComparison.Ordinal) ? null : $"value does not have prefix \"{rules.Prefix}\"");
        if (rules.HasSuffix) tests.Add(s => s.EndsWith(rules.Suffix, StringComparison.Ordinal) ? null : $"value does not have suffix \"{rules.Suffix}\"");
        if (rules.HasContains) tests.Add(s => s.Contains(rules.Contains, StringComparison.Ordinal) ? null : $"value does not contain substring \"{rules.Contains}\"");
        if (rules.HasNotContains) tests.Add(s => s.Contains(rules.NotContains, StringComparison.Ordinal) ? $"value contains substring \"{rules.NotContains}\"" : null);
        if (rules.HasPattern) AddPattern(tests, rules.Pattern);
    }

    private static void AddPattern(List<Func<string, string?>> tests, string pattern)
    {
        var regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        tests.Add(s => regex.IsMatch(s) ? null : $"value does not match regex pattern \"{pattern}\"");
    }

    private static void AddLists(List<Func<string, string?>> tests, StringRules rules)
    {
        if (rules.In.Count > 0) tests.Add(s => rules.In.Contains(s) ? null : $"value must be in list [{string.Join(", ", rules.In)}]");
        if (rules.NotIn.Count > 0) tests.Add(s => rules.NotIn.Contains(s) ? $"value must not be in list [{string.Join(", ", rules.NotIn)}]" : null);
    }

    private static void AddWellKnown(List<Func<string, string?>> tests, StringRules rules)
    {
        switch (rules.WellKnownCase)
        {
            case StringRules.WellKnownOneofCase.None: break;
            case StringRules.WellKnownOneofCase.Ip: Form(tests, static s => IsIp(s, null), "IP address"); break;
            case StringRules.WellKnownOneofCase.Ipv4: Form(tests, static s => IsIp(s, AddressFamily.InterNetwork), "IPv4 address"); break;
            case StringRules.WellKnownOneofCase.Ipv6: Form(tests, static s => IsIp(s, AddressFamily.InterNetworkV6), "IPv6 address"); break;
            case StringRules.WellKnownOneofCase.Hostname: Form(tests, IsHostname, "hostname"); break;
            case StringRules.WellKnownOneofCase.Address: Form(tests, static s => IsIp(s, null) || IsHostname(s), "hostname, or ip address"); break;
            case StringRules.WellKnownOneofCase.Email: Form(tests, IsEmail, "email address"); break;
            case StringRules.WellKnownOneofCase.Uri: Form(tests, static s => Uri.TryCreate(s, UriKind.Absolute, out _), "absolute URI"); break;
            case StringRules.WellKnownOneofCase.UriRef: Form(tests, static s => Uri.TryCreate(s, UriKind.RelativeOrAbsolute, out _), "URI"); break;
            case StringRules.WellKnownOneofCase.Uuid: Form(tests, static s => Guid.TryParseExact(s, "D", out _), "UUID"); break;
            case StringRules.WellKnownOneofCase.WellKnownRegex: AddHeaderForm(tests, rules); break;
        }
    }

    private static void AddHeaderForm(List<Func<string, string?>> tests, StringRules rules)
    {
        var strict = rules.Strict;
        switch (rules.WellKnownRegex)
        {
            case KnownRegex.HttpHeaderName when strict: Form(tests, static s => StrictName().IsMatch(s), "HTTP header name"); break;
            case KnownRegex.HttpHeaderName or KnownRegex.HttpHeaderValue when !strict: Form(tests, static s => s.AsSpan().IndexOfAny('\0', '\r', '\n') < 0, "HTTP header string without NUL, CR and LF"); break;
            case KnownRegex.HttpHeaderValue: Form(tests, static s => StrictValue().IsMatch(s), "HTTP header value"); break;
        }
    }

    private static void Form(List<Func<string, string?>> tests, Predicate<string> test, string what)
        => tests.Add(s => test(s) ? null : $"value must be a valid {what}");

    private static ulong Length(string text) => (ulong)text.EnumerateRunes().Count();

    private static ulong Bytes(string text) => (ulong)Encoding.UTF8.GetByteCount(text);

    private static bool IsIp(string text, AddressFamily? family)
        => IPAddress.TryParse(text, out var address) && (family is null || address.AddressFamily == family)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(static c => c == '.') == 3);

    private static bool IsHostname(string text)
        => text.Length is > 0 and <= 253 && text.TrimEnd('.').Split('.').All(static label
            => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'));

    private static bool IsEmail(string text)
    {
        var at = text.LastIndexOf('@');
        return at is > 0 and <= 64 && IsHostname(text[(at + 1)..]);
    }

    [GeneratedRegex(@"^:?[0-9a-zA-Z!#$%&'*+\-.^_|~`]+$")]
    private static partial Regex StrictName();

    [GeneratedRegex(@"^[^\x00-\x08\x0A-\x1F\x7F]*$")]
    private static partial Regex StrictValue();
}
