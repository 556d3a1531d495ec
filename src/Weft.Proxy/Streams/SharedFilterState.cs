namespace Weft.Proxy.Streams;

/// <summary>
/// What a filter state shares with upstreams (shared_with_upstream): internal listeners find it with their connections. Immutable; equal by value, so that only requests that share the same
/// share connections.
/// </summary>
public sealed class SharedFilterState : IEquatable<SharedFilterState>
{
    private readonly KeyValuePair<string, TextState>[] _values;

    private SharedFilterState(KeyValuePair<string, TextState>[] values) => _values = values;

    /// <summary>Null when nothing is shared. Allocates.</summary>
    public static SharedFilterState? Of(FilterState state)
    {
        List<KeyValuePair<string, TextState>>? shared = null;
        for (var part = state; part is not null; part = part.Connection)
        {
            foreach (var (name, value) in part.Values)
            {
                if (value is TextState { Sharing: not StateSharing.None } text && shared?.Exists(one => one.Key == name) != true)
                    (shared ??= []).Add(new(name, text));
            }
        }

        shared?.Sort(static (one, other) => string.CompareOrdinal(one.Key, other.Key));
        return shared is null ? null : new SharedFilterState([.. shared]);
    }

    /// <summary>The text of a name; null when it is not shared.</summary>
    public byte[]? Find(string name)
    {
        foreach (var (key, value) in _values)
        {
            if (key == name)
                return value.Text;
        }

        return null;
    }

    /// <summary>Sets all of it; what was shared once is not shared again.</summary>
    public void ApplyTo(FilterState state)
    {
        foreach (var (name, value) in _values)
            state.Set(name, new TextState(value.Text) { IsReadOnly = value.IsReadOnly, IsAddress = value.IsAddress, Sharing = value.Sharing == StateSharing.Transitive ? StateSharing.Transitive : StateSharing.None });
    }

    public bool Equals(SharedFilterState? other)
    {
        if (other is null || other._values.Length != _values.Length)
            return false;
        for (var i = 0; i < _values.Length; i++)
        {
            var (mine, theirs) = (_values[i], other._values[i]);
            if (mine.Key != theirs.Key || mine.Value.Sharing != theirs.Value.Sharing || !mine.Value.Text.AsSpan().SequenceEqual(theirs.Value.Text))
                return false;
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as SharedFilterState);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (name, value) in _values)
        {
            hash.Add(name);
            hash.AddBytes(value.Text);
        }

        return hash.ToHashCode();
    }
}
