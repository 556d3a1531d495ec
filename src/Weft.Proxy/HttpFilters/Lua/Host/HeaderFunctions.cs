using System.Text;
using Weft.Http;
using Weft.Proxy.HttpFilters.Lua.Engine;

namespace Weft.Proxy.HttpFilters.Lua.Host;

/// <summary>Headers and trailers. Arguments: stream, which map, name, value.</summary>
internal static class HeaderFunctions
{
    private const int MaxNameBytes = 1024;
    private const int OfTrailers = 1;

    public static int Get(LuaRun run, LuaStack stack)
    {
        Span<byte> buffer = stackalloc byte[MaxNameBytes];
        if (MapOf(run, stack) is not { } map || !TryReadName(stack, buffer, out var name) || map.IndexOf(name) is not (>= 0 and var first))
            return stack.Nothing();
        if (map.IndexOf(name, first + 1) < 0)
            return stack.Give(map.ValueAt(first));
        var joined = run.Scratch;
        joined.Clear();
        for (var at = first; at >= 0; at = map.IndexOf(name, at + 1))
        {
            if (at != first)
                joined.Write((byte)',');
            joined.Write(map.ValueAt(at));
        }

        return stack.Give(joined.Written);
    }

    public static int GetAt(LuaRun run, LuaStack stack)
    {
        Span<byte> buffer = stackalloc byte[MaxNameBytes];
        var index = stack.IntegerAt(4);
        if (MapOf(run, stack) is not { } map || !TryReadName(stack, buffer, out var name) || index < 0)
            return stack.Nothing();
        var at = map.IndexOf(name);
        for (; at >= 0 && index > 0; index--)
            at = map.IndexOf(name, at + 1);
        return at < 0 ? stack.Nothing() : stack.Give(map.ValueAt(at));
    }

    public static int Count(LuaRun run, LuaStack stack)
    {
        Span<byte> buffer = stackalloc byte[MaxNameBytes];
        var count = 0;
        if (MapOf(run, stack) is { } map && TryReadName(stack, buffer, out var name))
        {
            for (var at = map.IndexOf(name); at >= 0; at = map.IndexOf(name, at + 1))
                count++;
        }

        return stack.Give(count);
    }

    /// <summary>A list: names and values in turn.</summary>
    public static int All(LuaRun run, LuaStack stack)
    {
        var map = MapOf(run, stack);
        var count = map?.Count ?? 0;
        stack.PushTable(count * 2, 0);
        for (var i = 0; i < count; i++)
        {
            stack.Push(map!.NameAt(i));
            stack.SetItem(2 * i + 1);
            stack.Push(map.ValueAt(i));
            stack.SetItem(2 * i + 2);
        }

        return 1;
    }

    public static int Add(LuaRun run, LuaStack stack) => Change(run, stack, replaces: false);

    public static int Replace(LuaRun run, LuaStack stack) => Change(run, stack, replaces: true);

    public static int Remove(LuaRun run, LuaStack stack)
    {
        if (CheckChange(run, stack, out var map) is { } refusal)
            return stack.Refuse(refusal);
        Span<byte> buffer = stackalloc byte[MaxNameBytes];
        if (!TryReadName(stack, buffer, out var name))
            return stack.Nothing();
        // Without them there is no message. (Envoy answers 503 later.)
        if (HeaderName.Find(name) is KnownHeader.Method or KnownHeader.Path or KnownHeader.Authority or KnownHeader.Host or KnownHeader.Status)
            return stack.Refuse($"header '{Encoding.UTF8.GetString(name)}' cannot be removed");
        map.Remove(name);
        return stack.Nothing();
    }

    public static int SetReason(LuaRun run, LuaStack stack)
    {
        if (CheckChange(run, stack, out var map) is { } refusal)
            return stack.Refuse(refusal);
        var phrase = stack.BytesAt(3);
        if (!FieldText.IsValue(phrase))
            return stack.Refuse("invalid reason phrase");
        map.ReasonPhrase = phrase.ToArray();
        return stack.Nothing();
    }

    /// <summary>Adds or replaces a header after checking it: what a script takes from a request must not break the message.</summary>
    /// <returns>Null, or why not.</returns>
    public static string? Put(HeaderMap map, ReadOnlySpan<byte> anyCaseName, ReadOnlySpan<byte> value, bool replaces)
    {
        Span<byte> buffer = stackalloc byte[MaxNameBytes];
        if (!TryLower(anyCaseName, buffer, out var name))
            return $"invalid header name '{Encoding.UTF8.GetString(anyCaseName)}'";
        var known = HeaderName.Find(name);
        var isPseudo = name[0] == ':';
        if (!FieldText.IsValue(value) || (isPseudo && !IsPseudoValue(known, value)))
            return $"invalid value of header '{Encoding.UTF8.GetString(name)}'";
        // Of some there can be only one.
        if (replaces || isPseudo || known is KnownHeader.Host or KnownHeader.ContentLength)
            map.Set(name, value);
        else
            map.Add(name, value);
        return null;
    }

    private static int Change(LuaRun run, LuaStack stack, bool replaces)
    {
        var refusal = CheckChange(run, stack, out var map) ?? Put(map, stack.BytesAt(3), stack.BytesAt(4), replaces);
        return refusal is null ? stack.Nothing() : stack.Refuse(refusal);
    }

    private static string? CheckChange(LuaRun run, LuaStack stack, out HeaderMap map)
    {
        var isTrailers = stack.IntegerAt(2) == OfTrailers;
        map = MapOf(run, stack)!;
        if (map is null || !(isTrailers || run.CanChangeHead))
            return "header map can no longer be modified";
        if (!isTrailers)
            run.OnHeadChanging();
        return null;
    }

    private static HeaderMap? MapOf(LuaRun run, LuaStack stack) => stack.IntegerAt(2) == OfTrailers ? run.Trailers : run.Head;

    private static bool TryReadName(LuaStack stack, Span<byte> buffer, out ReadOnlySpan<byte> name) => TryLower(stack.BytesAt(3), buffer, out name);

    /// <summary>In lower case; false when it is no name.</summary>
    private static bool TryLower(ReadOnlySpan<byte> anyCase, Span<byte> buffer, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!FieldText.IsName(anyCase) || Ascii.ToLower(anyCase, buffer, out var length) != System.Buffers.OperationStatus.Done)
            return false;
        name = buffer[..length];
        return name[0] != ':' || HeaderName.Find(name) != KnownHeader.None;
    }

    private static bool IsPseudoValue(KnownHeader name, ReadOnlySpan<byte> value)
        => name == KnownHeader.Status ? value.Length == 3 && value[0] is >= (byte)'1' and <= (byte)'5' && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9') : !value.IsEmpty && !value.Contains((byte)' ');
}
