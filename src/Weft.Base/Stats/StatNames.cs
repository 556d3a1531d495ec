namespace Weft.Base.Stats;

/// <summary>
/// The names of related statistics that exist together in many scopes (the counters of all response codes of a cluster). Made once
/// per program; in a scope they cost one entry, and a member costs memory when a thread first counts it. Main thread.
/// </summary>
/// <param name="key">Tells the family apart from others in the same scope; never printed.</param>
/// <param name="count">How many members there are.</param>
/// <param name="nameOf">The name of a member behind the scope's prefix; asked once.</param>
public sealed class StatNames(string key, int count, Func<int, string> nameOf)
{
    private readonly string?[] _names = new string?[count];

    /// <summary>How many members there are.</summary>
    public int Count => _names.Length;

    internal string Key => key;

    internal string this[int member] => _names[member] ??= nameOf(member);
}
