// The service by Java's own client.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Pattern;

public class Statement {
    static final String SITE = "https://api.tastselv.test";
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws Exception {
        var logIn = HttpRequest.newBuilder(URI.create(SITE + "/log-paa"))
            .header("content-type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("cpr=010145-5001"));
        var statement = ask(logIn);
        var document = ask(HttpRequest.newBuilder(address(statement, "aarsopgoerelse")));
        var text = ask(HttpRequest.newBuilder(address(document, "dokument")));
        if (!text.contains("Overskydende skat: 3.412 kr.")) {
            throw new AssertionError("no statement");
        }
        System.out.println("ok");
    }

    static String ask(HttpRequest.Builder request) throws Exception {
        return CLIENT.send(request.build(), BodyHandlers.ofString()).body();
    }

    static URI address(String json, String name) {
        var found = Pattern.compile("\"" + name + "\": *\"([^\"]*)\"").matcher(json);
        if (!found.find()) {
            throw new AssertionError("no " + name);
        }
        return URI.create(found.group(1));
    }
}
