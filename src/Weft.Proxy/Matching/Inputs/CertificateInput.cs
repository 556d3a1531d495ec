using Weft.Net.Tls;

namespace Weft.Proxy.Matching.Inputs;

/// <summary>UriSanInput, DnsSanInput: the client certificate's names of one kind, joined by commas; SubjectInput: whom it is issued to.</summary>
/// <param name="kind">Null: the subject.</param>
internal sealed class CertificateInput(SubjectAltNameKind? kind) : MatchInput
{
    public override MatchValue Read(in MatchData data)
    {
        if (data.Tls is not { } tls) return MatchValue.Pending;
        if (tls.Peer is not { } certificate) return MatchValue.Absent;
        if (kind is null) return Text(certificate.Subject);
        var scratch = Scratch();
        for (var i = 0; i < certificate.SubjectAltNames.Count; i++)
        {
            var name = certificate.SubjectAltNames[i];
            if (name.Kind != kind) continue;
            if (scratch.Length > 0) scratch.Write((byte)',');
            scratch.Write(name.Text);
        }

        return scratch.Length == 0 ? MatchValue.Absent : new MatchValue(scratch.Written);
    }

    public override string ToString() => kind switch
    {
        SubjectAltNameKind.Uri => "URI SAN of the client's certificate",
        SubjectAltNameKind.Dns => "DNS SAN of the client's certificate",
        _ => "subject of the client's certificate",
    };
}
