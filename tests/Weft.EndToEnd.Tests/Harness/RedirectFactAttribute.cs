namespace Weft.EndToEnd.Tests.Harness;

/// <summary>As <see cref="NetnsFactAttribute"/>, with connections that iptables redirects.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RedirectFactAttribute : FactAttribute
{
    public RedirectFactAttribute() => Skip = new NetnsFactAttribute().Skip ?? (Shell.IsInstalled("iptables") ? null : "needs the command iptables");
}
