namespace Weft.EndToEnd.Tests.Harness;

/// <summary>As <see cref="NetnsFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NetnsTheoryAttribute : TheoryAttribute
{
    public NetnsTheoryAttribute() => Skip = new NetnsFactAttribute().Skip;
}
