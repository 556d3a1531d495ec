using Weft.Http;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Rbac;

/// <summary>header.</summary>
internal sealed class HeaderRule(HeaderMatcher matcher) : RbacRule
{
    public override bool IsMatch(in RbacSubject subject) => matcher.IsMatch(subject.Headers);
}

/// <summary>url_path and uri_template: the path without query and fragment.</summary>
internal sealed class PathRule(StringMatcher matcher) : RbacRule
{
    public override bool IsMatch(in RbacSubject subject) =>
        subject.Headers.Has(KnownHeader.Path) && matcher.IsMatch(PathText.WithoutQuery(subject.Headers.Get(KnownHeader.Path)));
}
