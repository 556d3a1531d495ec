namespace Weft.Base.Stats;

/// <summary>
/// The names of related statistics that exist together in many scopes (the counters of all response codes of a cluster). Made once
/// per program; in a scope they cost one entry, and a member costs memory when a thread first counts it. Main thread.
/// </summary>
/// <param name="key">Tells the family apart from others in the same scope; never printed.</param>
/// <param name="count">How many members there are.</param>
/// <param name="nameOf">The name of a member behind the scope's prefix; asked once.</param>
/// <param name="isAlwaysListed">Members are listed before they were counted, too.</param>
public sealed class StatNames(string key, int count, Func<int, string> nameOf, bool isAlwaysListed = false)
{
    private readonly string?[] _names = new string?[count];
    private Dictionary<string, int>? _members;

    /// <summary>How many members there are.</summary>
    public int Count => _names.Length;

    internal string Key => key;

    internal bool IsAlwaysListed => isAlwaysListed;

    /// <summary>The member of a name; -1 when there is none.</summary>
    internal int IndexOf(string name)
    {
        if (_members is null)
        {
            _members = new Dictionary<string, int>(count, StringComparer.Ordinal);
            for (var member = 0; member < count; member++)
                _members.TryAdd(this[member], member);
        }

        return _members.TryGetValue(name, out var found) ? found : -1;
    }

    internal string this[int member] => _names[member] ??= nameOf(member);
}
