namespace Weft.Http.Urls;

/// <summary>
/// The parameters in the query of a path, as they are written (not decoded), in their order: <c>foreach (var p in new
/// QueryString(path))</c>. A parameter without <c>=</c> has an empty value. No allocation.
/// </summary>
public ref struct QueryString
{
    private ReadOnlySpan<byte> _rest;

    /// <param name="path">A :path; a fragment is not expected in it.</param>
    public QueryString(ReadOnlySpan<byte> path)
    {
        var query = path.IndexOf((byte)'?');
        _rest = query < 0 ? default : path[(query + 1)..];
        Current = default;
    }

    public QueryParameter Current { get; private set; }

    public readonly QueryString GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        var end = _rest.IndexOf((byte)'&');
        var parameter = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        var equals = parameter.IndexOf((byte)'=');
        Current = equals < 0
            ? new QueryParameter { Name = parameter }
            : new QueryParameter { Name = parameter[..equals], Value = parameter[(equals + 1)..] };
        return true;
    }

    /// <summary>The value of the first parameter of that name; false when there is none.</summary>
    public static bool TryFind(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var parameter in new QueryString(path))
        {
            if (!parameter.Name.SequenceEqual(name)) continue;
            value = parameter.Value;
            return true;
        }

        value = default;
        return false;
    }
}

/// <summary>One parameter of a <see cref="QueryString"/>, as written.</summary>
public ref struct QueryParameter
{
    public ReadOnlySpan<byte> Name { get; init; }

    public ReadOnlySpan<byte> Value { get; init; }
}
