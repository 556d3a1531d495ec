namespace Weft.Proxy.Stats;

/// <summary>
/// <c>listener.ADDRESS.rest</c>: the address, which may hold dots (<c>0.0.0.0_80</c>, <c>[__]_80</c>), or a stat prefix, which holds
/// none; not <c>admin</c>.
/// </summary>
internal sealed class ListenerAddressTagRule : TagRule
{
    private const string Listener = "listener.";

    public ListenerAddressTagRule(string tagName)
        : base(tagName) => FirstWord = "listener";

    public override bool TryFind(ReadOnlySpan<char> name, out Range removed, out Range value)
    {
        removed = value = default;
        if (!name.StartsWith(Listener, StringComparison.Ordinal) || AddressEnd(name, Listener.Length) is not (> 0 and var end))
            return false;
        if (name[Listener.Length..end].SequenceEqual("admin"))
            return false;
        value = Listener.Length..end;
        removed = Listener.Length..(end + 1);
        return true;
    }

    /// <summary>The place of the dot behind an address or stat prefix; -1 when there is none.</summary>
    internal static int AddressEnd(ReadOnlySpan<char> name, int start)
    {
        if (AddressLength(name[start..]) is > 0 and var length)
            return start + length;
        var dot = name[start..].IndexOf('.');
        return dot > 0 ? start + dot : -1;
    }

    /// <summary>The length of an IPv4 or bracketed IPv6 address with <c>_port</c> that a dot follows; 0 when there is none.</summary>
    private static int AddressLength(ReadOnlySpan<char> text)
    {
        var i = text.StartsWith('[') ? text.IndexOf(']') + 1 : IPv4Length(text);
        if (i == 0 || i >= text.Length || text[i] != '_')
            return 0;
        var port = ++i;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
            i++;
        return i > port && i < text.Length && text[i] == '.' ? i : 0;
    }

    private static int IPv4Length(ReadOnlySpan<char> text)
    {
        var i = 0;
        for (var part = 0; part < 4; part++)
        {
            if (part > 0 && (i >= text.Length || text[i++] != '.'))
                return 0;
            var start = i;
            while (i < text.Length && i - start < 3 && char.IsAsciiDigit(text[i]))
                i++;
            if (i == start)
                return 0;
        }

        return i;
    }
}

/// <summary>
/// The number in <c>worker_N.</c> behind <c>listener.ADDRESS.</c>, <c>server.</c>, <c>listener_manager.</c> or
/// <c>thread_local_cluster_manager.</c>; <c>worker_</c> stays in the name.
/// </summary>
internal sealed class WorkerIdTagRule(string tagName) : TagRule(tagName)
{
    private const string Worker = "worker_";

    public override bool TryFind(ReadOnlySpan<char> name, out Range removed, out Range value)
    {
        removed = value = default;
        var dot = name.IndexOf('.');
        if (dot < 0)
            return false;
        var start = name[..dot] switch
        {
            "listener" => ListenerAddressTagRule.AddressEnd(name, dot + 1) + 1,
            "server" or "listener_manager" or "thread_local_cluster_manager" => dot + 1,
            _ => 0,
        };
        if (start == 0 || !name[start..].StartsWith(Worker, StringComparison.Ordinal))
            return false;
        var digits = start + Worker.Length;
        var end = digits;
        while (end < name.Length && char.IsAsciiDigit(name[end]))
            end++;
        if (end == digits || end >= name.Length || name[end] != '.')
            return false;
        value = digits..end;
        removed = digits..(end + 1);
        return true;
    }
}
