using System.Text.RegularExpressions;
using Weft.Base;

namespace Weft.Proxy.Routing.Matching;

/// <summary>
/// One automaton per thread for an expression: matching grows it and lends out its working memory, so sharing one would
/// mean locks and allocation between workers.
/// </summary>
internal sealed class PerThreadRegex(string pattern)
{
    public const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private readonly PerThread<Regex> _regexes = new(() => new Regex(pattern, Options));

    /// <summary>The calling thread's.</summary>
    public Regex OfThread => _regexes.Value;
}
