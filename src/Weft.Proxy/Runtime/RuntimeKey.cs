namespace Weft.Proxy.Runtime;

/// <summary>
/// The name of a runtime value in parts that many names share: put together when there is something to look up, because most proxies have no
/// runtime values and thousands of names. Immutable.
/// </summary>
/// <param name="Group">How it begins, with a dot.</param>
/// <param name="Owner">What it belongs to, such as a cluster.</param>
/// <param name="Part">What follows, with dots around it.</param>
/// <param name="Name">How it ends.</param>
public readonly record struct RuntimeKey(string Group, string Owner = "", string Part = "", string Name = "")
{
    public override string ToString() => string.Concat(Group, Owner, Part, Name);
}
