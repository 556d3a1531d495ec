using System.Text;
using Weft.Proxy.Expressions;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Rbac;

/// <summary>A named policy: what may be done, and by whom. Immutable; any thread.</summary>
internal sealed class RbacPolicy(string name)
{
    /// <summary>Also the name in the details of a refusal and in metadata.</summary>
    public string Name { get; } = name;

    /// <summary>UTF-8 of <see cref="Name"/>.</summary>
    public byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>Response code details of a refusal by it: blanks would break the columns of an access log.</summary>
    public string DeniedDetails { get; } = DetailsOf(name);

    /// <summary>Of a refusal because no policy matched.</summary>
    public static string NoneDeniedDetails { get; } = DetailsOf("none");

    /// <summary>One of the permissions.</summary>
    public RbacRule Permissions { get; init; } = RbacRule.Any;

    /// <summary>One of the principals.</summary>
    public RbacRule Principals { get; init; } = RbacRule.Any;

    /// <summary>What must be true besides; null: nothing.</summary>
    public CelExpression? Condition { get; init; }

    public bool IsMatch(in RbacSubject subject) =>
        Permissions.IsMatch(subject) && Principals.IsMatch(subject) && (Condition?.IsTrue(new FormatContext(subject.Info, subject.Headers)) ?? true);

    private static string DetailsOf(string name) =>
        $"rbac_access_denied_matched_policy[{string.Concat(name.Select(static character => char.IsWhiteSpace(character) ? '_' : character))}]";
}
