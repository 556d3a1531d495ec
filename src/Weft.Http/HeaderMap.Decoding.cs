namespace Weft.Http;

// For decoders: received bytes are put behind the used part as they come ("raw"), parsed and brought into normal form
// where they lie, and become entries; what was not a header stays behind as dead bytes.
public sealed partial class HeaderMap
{
    /// <summary>Copies received bytes to <paramref name="filled"/>, the end of the raw bytes so far, and leaves the padding behind them.</summary>
    internal void WriteRaw(int filled, ReadOnlySpan<byte> data)
    {
        EnsureRaw(filled, data.Length);
        data.CopyTo(_store.AsSpan(filled));
    }

    /// <summary>Room for <paramref name="more"/> raw bytes and the padding behind them.</summary>
    internal void EnsureRaw(int filled, int more)
    {
        if (filled + more + Padding > _store.Length) GrowStore(filled, more);
    }

    /// <summary>Makes an entry of a raw line in normal form, or of a slice of it for a pseudo-header (<paramref name="line"/> = <paramref name="value"/>).</summary>
    internal void RegisterRaw(int line, int value, int valueLength, KnownHeader known) => Register(line, value, valueLength, known);

    /// <summary>Raw bytes up to <paramref name="end"/> belong to the map; what lies behind is forgotten.</summary>
    internal void EndRaw(int end) => _used = end;

    /// <summary>As the public ones, for who knows the id already; the name must be lower-case.</summary>
    internal void AddDecoded(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => AddLine(known, name, value);

    /// <summary>Some known header may have come more than once.</summary>
    internal bool HasRepeats => _knownRepeats;

    /// <summary>As <see cref="Has(KnownHeader)"/>, but <c>host</c> does not mean <c>:authority</c>.</summary>
    internal bool HasOwn(KnownHeader name) => _first[(int)name] != 0;

    internal ReadOnlySpan<byte> GetOwn(KnownHeader name) => ValueAt(_first[(int)name] - 1);

    /// <summary>The one <c>host</c> header becomes <c>:authority</c>, by its value alone.</summary>
    internal void MakeHostAuthority()
    {
        var index = _first[(int)KnownHeader.Host] - 1;
        ref var entry = ref _entries[index];
        entry.Line = entry.Value;
        entry.Known = KnownHeader.Authority;
        _first[(int)KnownHeader.Host] = 0;
        _first[(int)KnownHeader.Authority] = (ushort)(index + 1);
    }

    /// <summary>There is more than one header of this name.</summary>
    internal bool IsRepeated(KnownHeader name)
    {
        if (!_knownRepeats) return false;
        var first = _first[(int)name];
        return first != 0 && IndexOfKnown(name, first) >= 0;
    }

    /// <summary>
    /// Joins the values of known headers that came more than once (RFC 9110 section 5.3), so that who asks for the value of
    /// one sees all of it, as Envoy does for the headers it knows. Headers whose values cannot be joined stay apart.
    /// </summary>
    internal void JoinRepeats()
    {
        var apart = false;
        for (var i = 1; i < _count; i++)
        {
            var known = _entries[i].Known;
            var first = _first[(int)known] - 1;
            if (known == KnownHeader.None || first == i) continue;
            if (known is KnownHeader.SetCookie or KnownHeader.ProxyAuthenticate)
            {
                apart = true;
                continue;
            }

            AppendAt(first, ValueAt(i), known == KnownHeader.Cookie ? "; "u8 : ","u8);
            RemoveAt(i--);
        }

        _knownRepeats = apart;
    }
}
